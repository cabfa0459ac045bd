package lictor.rules.content.toxicity_test

import rego.v1

import data.lictor.rules.content.toxicity

message(score) := {"sender": "writer", "target": "reader", "findings": {"toxicity": score}}

team(mode) := {"agents": {"writer": {"guards": {"toxicity": {"mode": mode, "file": "lictor.yaml", "line": 7}}}}}

test_fail_blocked if {
	some denial in toxicity.deny with data.lictor.team as team("block") with input as message(0.9)
	denial.code == "content.toxicity"
	denial.outcome == "deny"
	denial.file == "lictor.yaml"
	denial.line == 7
}

test_fail_quarantined if {
	some denial in toxicity.deny with data.lictor.team as team("quarantine") with input as message(0.9)
	denial.outcome == "quarantine"
}

test_success_asked if {
	some question in toxicity.ask with data.lictor.team as team("ask") with input as message(0.9)
	question.code == "content.toxicity"
	count(toxicity.deny) == 0 with data.lictor.team as team("ask") with input as message(0.9)
}

test_success_warned if {
	toxicity.oblige == {{"do": "warn", "code": "content.toxicity"}} with data.lictor.team as team("warn") with input as message(0.9)
}

test_success_off if {
	count(toxicity.deny) == 0 with data.lictor.team as team("off") with input as message(0.9)
	count(toxicity.ask) == 0 with data.lictor.team as team("off") with input as message(0.9)
	count(toxicity.oblige) == 0 with data.lictor.team as team("off") with input as message(0.9)
}

test_success_below_the_threshold if {
	count(toxicity.deny) == 0 with data.lictor.team as team("block") with input as message(0.2)
	count(toxicity.oblige) == 0 with data.lictor.team as team("warn") with input as message(0.2)
}

test_success_nothing_found if {
	count(toxicity.deny) == 0 with data.lictor.team as team("block")
		with input as {"sender": "writer", "target": "reader", "findings": {}}
}
