# METADATA
# title: Edge
# description: >-
#   A message may pass along an edge that the team's YAML declares, in its direction and for its kind.
#   Operators reach every agent, outside callers the exposed ones. Answers go back along the edge of their request.
#   Events are for nobody yet.
# scope: package
package lictor.rules.route.edge

import rego.v1

team := data.lictor.team

permit if _may_ask

permit if _may_answer

deny contains denial if {
	input.kind != "reply"
	not _may_ask
	not _operates
	denial := {
		"code": "route.no_edge",
		"reason": concat("", [input.sender, " may not ", _verb, " ", input.target, ": ", reason]),
		"rule": "data.lictor.rules.route.edge.deny",
		"file": place.file,
		"line": place.line,
	}
}

deny contains denial if {
	input.kind == "reply"
	not _may_answer
	not _is_operated
	denial := {
		"code": "route.no_edge",
		"reason": concat("", [input.sender, " may not answer ", input.target, ": there is no edge back"]),
		"rule": "data.lictor.rules.route.edge.deny",
		"file": place.file,
		"line": place.line,
	}
}

_may_ask if {
	input.kind != "reply"
	_edge(input.sender, input.target, input.kind)
}

_may_answer if {
	input.kind == "reply"
	_edge(input.target, input.sender, input.request_kind)
}

_edge(sender, target, kind) if team.edges[sender][target].kind == kind

_edge(sender, target, kind) if {
	kind == "a2a"
	startswith(sender, "ext-")
	target in team.exposed
}

_edge(sender, target, kind) if {
	kind == "a2a"
	startswith(sender, "op-")
	team.principals[target].role == "agent"
}

# What is said to the enforcer itself is for the rule `operate` to judge.
_operates if {
	input.target == "enforcer"
	input.kind == "mcp"
}

_is_operated if {
	input.sender == "enforcer"
	input.request_kind == "mcp"
}

_verb := {"a2a": "message", "mcp": "call", "model": "ask", "event": "notify"}[input.kind]

_is_there if team.principals[input.target]

default reason := "no such edge"

reason := "there is no such principal" if {
	not _is_there
} else := concat("", [input.target, " is not exposed to outside callers"]) if {
	startswith(input.sender, "ext-")
	input.kind == "a2a"
} else := "no such edge: operators may message agents only" if {
	startswith(input.sender, "op-")
} else := "events are not available yet" if {
	input.kind == "event"
} else := concat("", ["no such edge (", input.sender, " has no delegates)"]) if {
	input.kind == "a2a"
	count(team.agents[input.sender].delegates) == 0
} else := concat("", ["no such edge (", input.sender, " may delegate to ", _delegates, " only)"]) if {
	input.kind == "a2a"
} else := concat("", ["no such edge (", input.target, " is not among its tools)"]) if {
	input.kind == "mcp"
} else := concat("", ["no such edge (", input.target, " is not its model)"]) if {
	input.kind == "model"
}

_delegates := concat(", ", team.agents[input.sender].delegates)

default place := {"file": "", "line": 0}

place := {"file": agent.file, "line": agent.delegates_line} if {
	input.kind == "a2a"
	agent := team.agents[input.sender]
	agent.delegates_line > 0
} else := {"file": agent.file, "line": agent.line} if {
	agent := team.agents[input.sender]
} else := {"file": principal.file, "line": principal.line} if {
	principal := team.principals[input.target]
}
