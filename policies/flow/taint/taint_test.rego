package lictor.rules.flow.taint_test

import rego.v1

team := {
	"permits": {"writer": {"tool-mail": {"file": "desk.yaml", "line": 12}}},
	"agents": {
		"writer": {"guards": {"taint": {"mode": "ask"}}},
		"strict": {"guards": {"taint": {"mode": "block"}}},
		"loose": {"guards": {"taint": {"mode": "off"}}},
	},
}

call(changes) := object.union(
	{
		"sender": "writer", "target": "tool-mail", "kind": "mcp", "method": "tools/call", "tool": "send",
		"labels": {"level": "public", "untrusted": true, "tags": [], "sources": []},
		"effect": true, "contract": {"state": "none"},
	},
	changes,
)

asked(document) := questions if {
	questions := data.lictor.rules.flow.taint.ask with input as document with data.lictor.team as team
}

test_success_trusted_context if count(asked(call({"labels": {"untrusted": false}}))) == 0

test_success_only_reads if count(asked(call({"effect": false}))) == 0

test_success_contract_met if count(asked(call({"contract": {"state": "met"}}))) == 0

test_success_contract_says if {
	count(asked(call({"contract": {"state": "ask"}}))) == 0
	count(asked(call({"contract": {"state": "broken"}}))) == 0
}

test_success_not_a_call if {
	count(asked(call({"method": "tools/list"}))) == 0
	count(asked(call({"kind": "a2a"}))) == 0
	count(asked(call({"target": "enforcer"}))) == 0
}

test_fail_untrusted_context if {
	some question in asked(call({}))
	question.code == "flow.untrusted_context"
	question.reason == "writer calls send of tool-mail, which may do more than read, after untrusted data was read"
	question.file == "desk.yaml"
	question.line == 12
}

test_fail_contract_missing if count(asked(call({"contract": {"state": "missing"}}))) == 1

test_fail_unknown_labels if count(asked({"sender": "writer", "target": "tool-mail", "kind": "mcp", "method": "tools/call", "tool": "send"})) == 1

test_fail_no_permit if {
	some question in asked(call({"sender": "clerk"}))
	question.line == 0
}

denied(document) := denials if {
	denials := data.lictor.rules.flow.taint.deny with input as document with data.lictor.team as team
}

test_success_switched_off if {
	count(asked(call({"sender": "loose"}))) == 0
	count(denied(call({"sender": "loose"}))) == 0
}

test_success_ask_denies_nothing if count(denied(call({}))) == 0

test_fail_blocked if {
	some denial in denied(call({"sender": "strict"}))
	denial.rule == "data.lictor.rules.flow.taint.deny"
	count(asked(call({"sender": "strict"}))) == 0
}
