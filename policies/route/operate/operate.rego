# METADATA
# title: Operate
# description: >-
#   The enforcer is a tool server too: operators may call every operation of it. Agents and outside callers may declare
#   the contract of a task that they take part in, which can only narrow what the task may do.
# scope: package
package lictor.rules.route.operate

import rego.v1

permit if _may_operate

permit if _is_answer

deny contains denial if {
	_calls
	not _may_operate
	denial := {
		"code": "route.not_an_operator",
		"reason": concat("", [input.sender, " may not call ", input.tool, " of the enforcer: that is for operators"]),
		"rule": "data.lictor.rules.route.operate.deny",
		"file": "",
		"line": 0,
	}
}

_calls if {
	input.target == "enforcer"
	input.kind == "mcp"
	input.method == "tools/call"
}

_may_operate if {
	_calls
	startswith(input.sender, "op-")
}

_may_operate if {
	_calls
	input.tool == "contract.declare"
	startswith(input.sender, "ext-")
}

_may_operate if {
	_calls
	input.tool == "contract.declare"
	data.lictor.team.principals[input.sender].role == "agent"
}

_may_operate if {
	input.target == "enforcer"
	input.kind == "mcp"
	input.method in {"tools/list", "ping"}
	startswith(input.sender, "op-")
}

_is_answer if {
	input.kind == "reply"
	input.sender == "enforcer"
	input.request_kind == "mcp"
}
