# METADATA
# title: Egress
# description: >-
#   What leaves the machine by its very address, to a remote tool server, agent or outside caller, is not secret and of
#   known labels, unless the entry's `clearance:` says secret.
# scope: package
package lictor.rules.flow.egress

import rego.v1

team := data.lictor.team

deny contains denial if {
	_leaves
	_unsaid
	denial := {
		"code": "flow.egress",
		"reason": concat("", [input.sender, " may not send ", _what, " to ", input.target, ", which is not on this machine"]),
		"rule": "data.lictor.rules.flow.egress.deny",
		"file": object.get(_entry, "file", ""),
		"line": object.get(_entry, "line", 0),
	}
}

_leaves if startswith(input.target, "ext-")

_leaves if {
	object.get(_entry, "remote", false) != false
	not _lists
}

_lists if {
	input.kind == "mcp"
	input.method != "tools/call"
}

_entry := team.tools[input.target] if {
	team.tools[input.target]
} else := team.agents[input.target] if {
	team.agents[input.target]
} else := {}

_unsaid if {
	input.labels.level == "secret"
	object.get(_entry, "clearance", "internal") != "secret"
}

_unsaid if "*" in input.labels.tags

_what := "data of which the labels are not known" if {
	"*" in input.labels.tags
} else := "what is secret"
