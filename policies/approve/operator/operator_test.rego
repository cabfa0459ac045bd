package lictor.rules.approve.operator_test

import rego.v1

plain := {"principals": {}}

team := {"approvals": {
	"by": ["op-cli", "op-desk-*"],
	"tools": [
		{"tool": "pay_*", "by": ["op-boss"], "file": "desk.yaml", "line": 9},
		{"tool": "pay_later", "by": ["op-cli"], "file": "desk.yaml", "line": 10},
	],
	"file": "desk.yaml",
	"line": 7,
}}

question(approver, tool) := {"approver": approver, "edited": false, "held": {
	"id": "0", "sender": "triage", "target": "tool-bank", "kind": "mcp", "method": "tools/call", "tool": tool,
	"arguments": {}, "task": "1", "owner": "op-cli", "layer": "route", "code": "route.ask", "rule": "",
	"labels": {"level": "public", "untrusted": false, "tags": [], "sources": []}, "agreed": [],
}}

permitted(document, with_team) if data.lictor.rules.approve.operator.permit with input as document with data.lictor.team as with_team

denied(document, with_team) := denials if {
	denials := data.lictor.rules.approve.operator.deny with input as document with data.lictor.team as with_team
}

test_success_any_operator if {
	permitted(question("op-cli", "send"), plain)
	count(denied(question("op-cli", "send"), plain)) == 0
}

test_success_named if {
	permitted(question("op-cli", "send"), team)
	permitted(question("op-desk-7", "send"), team)
}

test_success_named_for_the_tool if permitted(question("op-boss", "pay_now"), team)

test_fail_first_entry_counts if {
	some denial in denied(question("op-cli", "pay_later"), team)
	denial.code == "approve.not_an_approver"
	denial.reason == "op-cli may not approve what triage asks for: the team lets op-boss approve it"
	denial.file == "desk.yaml"
	denial.line == 9
}

test_fail_other_operator if {
	some denial in denied(question("op-night", "send"), team)
	denial.reason == "op-night may not approve what triage asks for: the team lets op-cli, op-desk-* approve it"
	denial.line == 7
	not permitted(question("op-night", "send"), team)
}

test_fail_agent if {
	some denial in denied(question("triage", "send"), plain)
	denial.reason == "triage may not approve what triage asks for: only operators may"
}

test_fail_agent_that_the_team_names if {
	not permitted(question("writer", "send"), {"approvals": {"by": ["*"]}})
	count(denied(question("writer", "send"), {"approvals": {"by": ["*"]}})) == 1
}

test_fail_outside_caller if not permitted(question("ext-shop", "send"), plain)

test_fail_nobody_named if not permitted(question("op-cli", "send"), {"approvals": {"by": []}})
