package lictor.rules.content.groundedness_test

import rego.v1

import data.lictor.rules.content.groundedness

message(score) := {"sender": "writer", "target": "reader", "findings": {"ungrounded": score}}

team(mode) := {"agents": {"writer": {"guards": {"groundedness": {"mode": mode, "file": "lictor.yaml", "line": 7}}}}}

test_fail_blocked if {
	some denial in groundedness.deny with data.lictor.team as team("block") with input as message(0.75)
	denial.code == "content.ungrounded"
	denial.outcome == "deny"
	denial.file == "lictor.yaml"
	denial.line == 7
}

test_fail_quarantined if {
	some denial in groundedness.deny with data.lictor.team as team("quarantine") with input as message(0.75)
	denial.outcome == "quarantine"
}

test_success_asked if {
	some question in groundedness.ask with data.lictor.team as team("ask") with input as message(0.75)
	question.code == "content.ungrounded"
	count(groundedness.deny) == 0 with data.lictor.team as team("ask") with input as message(0.75)
}

test_success_warned if {
	groundedness.oblige == {{"do": "warn", "code": "content.ungrounded"}} with data.lictor.team as team("warn") with input as message(0.75)
}

test_success_off if {
	count(groundedness.deny) == 0 with data.lictor.team as team("off") with input as message(0.75)
	count(groundedness.ask) == 0 with data.lictor.team as team("off") with input as message(0.75)
	count(groundedness.oblige) == 0 with data.lictor.team as team("off") with input as message(0.75)
}

test_success_below_the_threshold if {
	count(groundedness.deny) == 0 with data.lictor.team as team("block") with input as message(0.2)
	count(groundedness.oblige) == 0 with data.lictor.team as team("warn") with input as message(0.2)
}

test_success_nothing_found if {
	count(groundedness.deny) == 0 with data.lictor.team as team("block")
		with input as {"sender": "writer", "target": "reader", "findings": {}}
}
