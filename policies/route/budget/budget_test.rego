package lictor.rules.route.budget_test

import rego.v1

team := {"agents": {
	"writer": {
		"file": "desk.yaml", "line": 4,
		"budget": {"tokens": 1000, "messages": 10, "tool_calls": 5, "ask": {"tokens": 800, "messages": 8, "tool_calls": 4}},
	},
	"clerk": {"file": "desk.yaml", "line": 8, "budget": {"tokens": 1000, "messages": 10, "tool_calls": 5}},
}}

asked(sender, kind, usage) := codes if {
	asks := data.lictor.rules.route.budget.ask with input as {"sender": sender, "kind": kind, "usage": usage}
		with data.lictor.team as team
	codes := {question.code | some question in asks}
}

test_success_below if asked("writer", "mcp", {"tokens": 799, "messages": 7, "tool_calls": 3}) == set()

test_success_answer if asked("writer", "reply", {"tokens": 5000, "messages": 50, "tool_calls": 30}) == set()

test_success_no_share if asked("clerk", "mcp", {"tokens": 999, "messages": 9, "tool_calls": 4}) == set()

test_success_somebody_else if asked("ext-web", "a2a", {"tokens": 9999, "messages": 9, "tool_calls": 9}) == set()

test_fail_at_the_share if asked("writer", "a2a", {"tokens": 800, "messages": 0, "tool_calls": 0}) == {"route.budget_tokens"}

test_fail_several if {
	asked("writer", "model", {"tokens": 0, "messages": 9, "tool_calls": 5}) == {"route.budget_messages", "route.budget_tool_calls"}
}

test_fail_unknown_usage if count(asked("writer", "mcp", {})) == 3

test_fail_says_what if {
	asks := data.lictor.rules.route.budget.ask with input as {"sender": "writer", "kind": "mcp", "usage": {"tokens": 0, "messages": 0, "tool_calls": 4}}
		with data.lictor.team as team
	some question in asks
	question.reason == "writer has used tool calls up to the share of its budget at which a person is asked"
	question.line == 4
}
