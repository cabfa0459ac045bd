# METADATA
# title: Clearance
# description: >-
#   Nothing reaches an agent, a tool server or an outside caller that is more confidential than it is cleared for:
#   agents for what their `clearance:` says, tool servers likewise, outside callers for what is not secret. Operators
#   see everything. Models have a rule of their own, because another model may do instead.
# scope: package
package lictor.rules.flow.clearance

import rego.v1

team := data.lictor.team

deny contains denial if {
	not _may_see
	denial := {
		"code": "flow.clearance",
		"reason": concat("", [input.target, " may not be told what is ", _level, ": it is cleared for ", _shown]),
		"rule": "data.lictor.rules.flow.clearance.deny",
		"file": object.get(_entry, "file", ""),
		"line": object.get(_entry, "line", 0),
	}
}

default _level := "not labelled"

_level := input.labels.level

_rank := {"public": 0, "internal": 1, "secret": 2}

_may_see if startswith(input.target, "op-")

_may_see if {
	startswith(input.target, "model-")
	input.kind == "model"
}

_may_see if input.target == "enforcer"

_may_see if {
	input.kind == "mcp"
	input.method != "tools/call"
}

_may_see if _rank[input.labels.level] <= _rank[_clearance]

_entry := team.agents[input.target] if {
	team.agents[input.target]
} else := team.tools[input.target] if {
	team.tools[input.target]
} else := {}

_clearance := "internal" if {
	startswith(input.target, "ext-")
} else := _entry.clearance if {
	_entry.clearance
} else := "internal" if {
	team.principals[input.target]
}

_shown := concat("", ["what is ", _clearance, " at most"]) if {
	_clearance
} else := "nothing, because the team does not know it"
