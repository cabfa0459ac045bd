package lictor.rules.content.injection_test

import rego.v1

import data.lictor.rules.content.injection

message(score) := {"sender": "writer", "target": "reader", "findings": {"injection": score}}

team(mode) := {"agents": {"writer": {"guards": {"injection": {"mode": mode, "file": "lictor.yaml", "line": 7}}}}}

test_fail_blocked if {
	some denial in injection.deny with data.lictor.team as team("block") with input as message(0.9)
	denial.code == "content.injection"
	denial.outcome == "deny"
	denial.file == "lictor.yaml"
	denial.line == 7
}

test_fail_quarantined if {
	some denial in injection.deny with data.lictor.team as team("quarantine") with input as message(0.9)
	denial.outcome == "quarantine"
}

test_success_asked if {
	some question in injection.ask with data.lictor.team as team("ask") with input as message(0.9)
	question.code == "content.injection"
	count(injection.deny) == 0 with data.lictor.team as team("ask") with input as message(0.9)
}

test_success_warned if {
	injection.oblige == {{"do": "warn", "code": "content.injection"}} with data.lictor.team as team("warn") with input as message(0.9)
}

test_success_off if {
	count(injection.deny) == 0 with data.lictor.team as team("off") with input as message(0.9)
	count(injection.ask) == 0 with data.lictor.team as team("off") with input as message(0.9)
	count(injection.oblige) == 0 with data.lictor.team as team("off") with input as message(0.9)
}

test_success_below_the_threshold if {
	count(injection.deny) == 0 with data.lictor.team as team("block") with input as message(0.2)
	count(injection.oblige) == 0 with data.lictor.team as team("warn") with input as message(0.2)
}

test_success_nothing_found if {
	count(injection.deny) == 0 with data.lictor.team as team("block")
		with input as {"sender": "writer", "target": "reader", "findings": {}}
}
