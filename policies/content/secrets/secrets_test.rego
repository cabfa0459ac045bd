package lictor.rules.content.secrets_test

import rego.v1

import data.lictor.rules.content.secrets

message(score) := {"sender": "writer", "target": "reader", "findings": {"secret/github-pat": score}}

team(mode) := {"agents": {"writer": {"guards": {"secrets": {"mode": mode, "file": "lictor.yaml", "line": 7}}}}}

test_fail_blocked if {
	some denial in secrets.deny with data.lictor.team as team("block") with input as message(1)
	denial.code == "content.secret"
	denial.outcome == "deny"
	denial.file == "lictor.yaml"
	denial.line == 7
}

test_fail_quarantined if {
	some denial in secrets.deny with data.lictor.team as team("quarantine") with input as message(1)
	denial.outcome == "quarantine"
}

test_success_asked if {
	some question in secrets.ask with data.lictor.team as team("ask") with input as message(1)
	question.code == "content.secret"
	count(secrets.deny) == 0 with data.lictor.team as team("ask") with input as message(1)
}

test_success_warned if {
	secrets.oblige == {{"do": "warn", "code": "content.secret"}} with data.lictor.team as team("warn") with input as message(1)
}

test_success_off if {
	count(secrets.deny) == 0 with data.lictor.team as team("off") with input as message(1)
	count(secrets.ask) == 0 with data.lictor.team as team("off") with input as message(1)
	count(secrets.oblige) == 0 with data.lictor.team as team("off") with input as message(1)
}

test_success_below_the_threshold if {
	count(secrets.deny) == 0 with data.lictor.team as team("block") with input as message(0.2)
	count(secrets.oblige) == 0 with data.lictor.team as team("warn") with input as message(0.2)
}

test_success_nothing_found if {
	count(secrets.deny) == 0 with data.lictor.team as team("block")
		with input as {"sender": "writer", "target": "reader", "findings": {}}
}

test_fail_blocked_without_any_setting if {
	count(secrets.deny) == 1 with data.lictor.team as {} with input as message(1)
}

test_success_redacted if {
	secrets.oblige == {{"do": "redact", "classes": ["secret/github-pat"]}} with data.lictor.team as team("redact")
		with input as message(1)
}

test_success_what_is_refused_is_recorded_without_it if {
	every mode in ["block", "quarantine"] {
		secrets.oblige == {{"do": "redact", "classes": ["secret/github-pat"]}} with data.lictor.team as team(mode)
			with input as message(1)
	}
	count(secrets.oblige) == 0 with data.lictor.team as team("ask") with input as message(1)
}

test_fail_what_cannot_be_taken_out_is_refused if {
	every kind in ["seam", "header", "unscanned"] {
		some denial in secrets.deny with data.lictor.team as team("redact")
			with input as {"sender": "writer", "target": "reader", "findings": {concat("/", ["secret", kind]): 1}}
		denial.code == "content.secret"
	}
	every mode in ["off", "warn", "ask"] {
		count(secrets.deny) == 0 with data.lictor.team as team(mode)
			with input as {"sender": "writer", "target": "reader", "findings": {"secret/seam": 1}}
	}
}

test_fail_kinds_do_not_leave_out_what_nobody_looked_at if {
	count(secrets.deny) == 1 with data.lictor.team as {"guards": {"secrets": {"mode": "block", "kinds": ["other"]}}}
		with input as {"sender": "writer", "target": "reader", "findings": {"secret/unscanned": 1}}
}
