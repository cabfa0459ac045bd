# METADATA
# title: Operator
# description: >-
#   Operators may approve what is held: those that `approvals.by` of the team names, or for a tool that
#   `approvals.tools` names, those that stand there. Nobody else may.
# scope: package
package lictor.rules.approve.operator

import rego.v1

permit if {
	_is_operator
	some pattern in _place.by
	glob.match(pattern, null, input.approver)
}

deny contains denial if {
	not permit
	denial := {
		"code": "approve.not_an_approver",
		"reason": concat("", [input.approver, " may not approve what ", input.held.sender, " asks for: ", _objection]),
		"rule": "data.lictor.rules.approve.operator.deny",
		"file": object.get(_place, "file", ""),
		"line": object.get(_place, "line", 0),
	}
}

_is_operator if startswith(input.approver, "op-")

default _objection := "only operators may"

_objection := concat("", ["the team lets ", concat(", ", _place.by), " approve it"]) if _is_operator

# The first entry that names the tool counts, as in the file.
_place := place if {
	matching := [entry |
		some entry in object.get(_approvals, "tools", [])
		input.held.tool != ""
		glob.match(entry.tool, null, input.held.tool)
	]
	count(matching) > 0
	place := matching[0]
} else := {
	"by": object.get(_approvals, "by", ["op-*"]),
	"file": object.get(_approvals, "file", ""),
	"line": object.get(_approvals, "line", 0),
}

_approvals := object.get(data.lictor.team, "approvals", {})
