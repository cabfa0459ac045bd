package lictor.rules.flow.contract_test

import rego.v1

call(state, effect) := {
	"kind": "mcp", "method": "tools/call", "effect": effect,
	"contract": {"state": state, "code": "contract.argument", "reason": "send: to: it comes from nowhere", "file": "c.yaml", "line": 4},
}

denied(document) := denials if {
	denials := data.lictor.rules.flow.contract.deny with input as document
}

asked(document) := questions if {
	questions := data.lictor.rules.flow.contract.ask with input as document
}

test_success_none if {
	count(denied(call("none", true))) == 0
	count(asked(call("none", true))) == 0
}

test_success_met if {
	count(denied(call("met", true))) == 0
	count(asked(call("met", true))) == 0
}

test_success_missing_and_reads if count(asked(call("missing", false))) == 0

test_success_other_kind if {
	count(denied({"kind": "a2a", "method": "SendMessage"})) == 0
	count(denied({"kind": "mcp", "method": "tools/list"})) == 0
}

test_fail_broken if {
	some denial in denied(call("broken", false))
	denial.code == "contract.argument"
	denial.reason == "send: to: it comes from nowhere"
	denial.file == "c.yaml"
	denial.line == 4
}

test_fail_unknown_state if count(denied(call("whatever", true))) == 1

test_fail_no_state if {
	some denial in denied({"kind": "mcp", "method": "tools/call"})
	denial.code == "contract.unknown"
}

test_fail_ask if {
	some question in asked(call("ask", true))
	question.rule == "data.lictor.rules.flow.contract.ask"
}

test_fail_missing if count(asked(call("missing", true))) == 1
