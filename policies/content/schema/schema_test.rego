package lictor.rules.content.schema_test

import rego.v1

import data.lictor.rules.content.schema

message(score) := {"sender": "writer", "target": "reader", "findings": {"schema": score}}

team(mode) := {"agents": {"writer": {"guards": {"schema": {"mode": mode, "file": "lictor.yaml", "line": 7}}}}}

test_fail_blocked if {
	some denial in schema.deny with data.lictor.team as team("block") with input as message(1)
	denial.code == "content.schema"
	denial.outcome == "deny"
	denial.file == "lictor.yaml"
	denial.line == 7
}

test_fail_quarantined if {
	some denial in schema.deny with data.lictor.team as team("quarantine") with input as message(1)
	denial.outcome == "quarantine"
}

test_success_asked if {
	some question in schema.ask with data.lictor.team as team("ask") with input as message(1)
	question.code == "content.schema"
	count(schema.deny) == 0 with data.lictor.team as team("ask") with input as message(1)
}

test_success_warned if {
	schema.oblige == {{"do": "warn", "code": "content.schema"}} with data.lictor.team as team("warn") with input as message(1)
}

test_success_off if {
	count(schema.deny) == 0 with data.lictor.team as team("off") with input as message(1)
	count(schema.ask) == 0 with data.lictor.team as team("off") with input as message(1)
	count(schema.oblige) == 0 with data.lictor.team as team("off") with input as message(1)
}

test_success_below_the_threshold if {
	count(schema.deny) == 0 with data.lictor.team as team("block") with input as message(0.2)
	count(schema.oblige) == 0 with data.lictor.team as team("warn") with input as message(0.2)
}

test_success_nothing_found if {
	count(schema.deny) == 0 with data.lictor.team as team("block")
		with input as {"sender": "writer", "target": "reader", "findings": {}}
}
