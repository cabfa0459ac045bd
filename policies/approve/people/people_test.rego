package lictor.rules.approve.people_test

import rego.v1

team := {"approvals": {"people": 2, "tools": [{"tool": "pay", "people": 3, "file": "desk.yaml", "line": 9}]}}

question(approver, agreed, edited) := {
	"approver": approver, "edited": edited,
	"held": {"sender": "triage", "tool": "send", "agreed": agreed},
}

asked(document, with_team) := asks if {
	asks := data.lictor.rules.approve.people.ask with input as document with data.lictor.team as with_team
}

test_success_one_is_enough if count(asked(question("op-a", [], false), {})) == 0

test_success_second if count(asked(question("op-b", ["op-a"], false), team)) == 0

test_fail_first if {
	some request in asked(question("op-a", [], false), team)
	request.code == "approve.people"
	request.reason == "1 of 2 people have approved it"
}

test_fail_the_same_again if count(asked(question("op-a", ["op-a"], false), team)) == 1

test_fail_edited_by_the_second if count(asked(question("op-b", ["op-a"], true), team)) == 1

test_fail_tool_of_its_own if {
	paying := {"approver": "op-b", "edited": false, "held": {"sender": "triage", "tool": "pay", "agreed": ["op-a"]}}
	some request in asked(paying, team)
	request.reason == "2 of 3 people have approved it"
	request.line == 9
}
