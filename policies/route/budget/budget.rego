# METADATA
# title: Budget
# description: >-
#   An agent whose budget has `ask_at:` needs a person for each further request once it has used that share of its
#   tokens, messages or tool calls in a task. The limits themselves are held by the layer admit.
# scope: package
# custom:
#   feature: budget
package lictor.rules.route.budget

import rego.v1

agent := data.lictor.team.agents[input.sender]

ask contains question if {
	input.kind != "reply"
	some name, share in agent.budget.ask
	not _below(name, share)
	question := {
		"code": concat("", ["route.budget_", name]),
		"reason": concat("", [input.sender, " has used ", _shown[name], " up to the share of its budget at which a person is asked"]),
		"rule": "data.lictor.rules.route.budget.ask",
		"file": agent.file,
		"line": agent.line,
	}
}

_below(name, share) if input.usage[name] < share

_shown := {"tokens": "tokens", "messages": "messages", "tool_calls": "tool calls"}
