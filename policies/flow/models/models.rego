# METADATA
# title: Models
# description: >-
#   A model reads nothing more confidential than it is cleared for. When another model of the agent is cleared, that one
#   is asked instead; when none is, the call is denied.
# scope: package
package lictor.rules.flow.models

import rego.v1

team := data.lictor.team

deny contains denial if {
	input.kind == "model"
	not _cleared
	count(_others) == 0
	denial := {
		"code": "flow.model_clearance",
		"reason": concat("", [input.target, " may not read what is ", _level, ", and ", input.sender, " has no model that may"]),
		"rule": "data.lictor.rules.flow.models.deny",
		"file": object.get(_entry, "file", ""),
		"line": object.get(_entry, "line", 0),
	}
}

oblige contains {"do": "model", "model": min(_others)} if {
	input.kind == "model"
	not _cleared
	count(_others) > 0
}

_cleared if _may_read(input.target)

_others := {name |
	some name, edge in team.edges[input.sender]
	edge.kind == "model"
	_may_read(name)
}

default _level := "not labelled"

_level := input.labels.level

_rank := {"public": 0, "internal": 1, "secret": 2}

_may_be_read if _may_read(input.target)

_may_read(model) if {
	_rank[input.labels.level] <= _rank[_clearance(model)]
	not _unknown_leaves(model)
}

_clearance(model) := team.models[model].clearance if {
	team.models[model].clearance
} else := "internal" if {
	team.principals[model]
}

_unknown_leaves(model) if {
	"*" in input.labels.tags
	object.get(team.models[model], "remote", false) != false
}

_entry := team.models[input.target] if {
	team.models[input.target]
} else := {}
