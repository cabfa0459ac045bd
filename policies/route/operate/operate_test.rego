package lictor.rules.route.operate_test

import rego.v1

team := {"principals": {"triage": {"role": "agent"}, "tool-mail": {"role": "tool"}}}

call(sender, tool) := {"sender": sender, "target": "enforcer", "kind": "mcp", "request_kind": "", "method": "tools/call", "tool": tool}

permitted(document) if data.lictor.rules.route.operate.permit with input as document with data.lictor.team as team

denied(document) if {
	some denial in data.lictor.rules.route.operate.deny with input as document with data.lictor.team as team
	denial.code == "route.not_an_operator"
}

test_success_operator if {
	permitted(call("op-cli", "policy.activate"))
	not denied(call("op-cli", "policy.activate"))
}

test_success_agent_declares_a_contract if permitted(call("triage", "contract.declare"))

test_success_caller_declares_a_contract if permitted(call("ext-bob", "contract.declare"))

test_success_answer if permitted({"sender": "enforcer", "target": "op-cli", "kind": "reply", "request_kind": "mcp"})

test_fail_agent_operates if {
	not permitted(call("triage", "approvals.approve"))
	denied(call("triage", "approvals.approve"))
}

test_fail_tool_declares if denied(call("tool-mail", "contract.declare"))

test_fail_stranger_declares if denied(call("nobody", "contract.declare"))

test_fail_other_target if not permitted(object.union(call("op-cli", "policy.activate"), {"target": "tool-mail"}))

test_success_listing if permitted(object.union(call("op-cli", ""), {"method": "tools/list"}))

test_fail_agent_lists if not permitted(object.union(call("triage", ""), {"method": "tools/list"}))
