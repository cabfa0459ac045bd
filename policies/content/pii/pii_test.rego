package lictor.rules.content.pii_test

import rego.v1

import data.lictor.rules.content.pii

message(score) := {"sender": "writer", "target": "reader", "findings": {"pii/email": score}}

team(mode) := {"agents": {"writer": {"guards": {"pii": {"mode": mode, "file": "lictor.yaml", "line": 7}}}}}

test_fail_blocked if {
	some denial in pii.deny with data.lictor.team as team("block") with input as message(1)
	denial.code == "content.pii"
	denial.outcome == "deny"
	denial.file == "lictor.yaml"
	denial.line == 7
}

test_fail_quarantined if {
	some denial in pii.deny with data.lictor.team as team("quarantine") with input as message(1)
	denial.outcome == "quarantine"
}

test_success_asked if {
	some question in pii.ask with data.lictor.team as team("ask") with input as message(1)
	question.code == "content.pii"
	count(pii.deny) == 0 with data.lictor.team as team("ask") with input as message(1)
}

test_success_warned if {
	pii.oblige == {{"do": "warn", "code": "content.pii"}} with data.lictor.team as team("warn") with input as message(1)
}

test_success_off if {
	count(pii.deny) == 0 with data.lictor.team as team("off") with input as message(1)
	count(pii.ask) == 0 with data.lictor.team as team("off") with input as message(1)
	count(pii.oblige) == 0 with data.lictor.team as team("off") with input as message(1)
}

test_success_below_the_threshold if {
	count(pii.deny) == 0 with data.lictor.team as team("block") with input as message(0.2)
	count(pii.oblige) == 0 with data.lictor.team as team("warn") with input as message(0.2)
}

test_success_nothing_found if {
	count(pii.deny) == 0 with data.lictor.team as team("block")
		with input as {"sender": "writer", "target": "reader", "findings": {}}
}

test_success_redacted if {
	pii.oblige == {{"do": "redact", "classes": ["pii/email"]}} with data.lictor.team as team("redact") with input as message(1)
}

test_success_warned_without_any_setting if {
	pii.oblige == {{"do": "warn", "code": "content.pii"}} with data.lictor.team as {} with input as message(1)
}

test_fail_what_cannot_be_taken_out_is_refused if {
	every kind in ["seam", "header", "unscanned"] {
		some denial in pii.deny with data.lictor.team as team("redact")
			with input as {"sender": "writer", "target": "reader", "findings": {concat("/", ["pii", kind]): 1}}
		denial.code == "content.pii"
	}
	every mode in ["off", "warn", "ask"] {
		count(pii.deny) == 0 with data.lictor.team as team(mode)
			with input as {"sender": "writer", "target": "reader", "findings": {"pii/seam": 1}}
	}
}

test_fail_kinds_do_not_leave_out_what_nobody_looked_at if {
	count(pii.deny) == 1 with data.lictor.team as {"guards": {"pii": {"mode": "block", "kinds": ["other"]}}}
		with input as {"sender": "writer", "target": "reader", "findings": {"pii/unscanned": 1}}
}
