# METADATA
# title: People
# description: >-
#   Where the team asks for more than one person (`people` under `approvals`, or of one of its tools), one more has to
#   approve until there are enough, each of them another one.
# scope: package
package lictor.rules.approve.people

import rego.v1

ask contains request if {
	_enough > count(_agreed)
	request := {
		"code": "approve.people",
		"reason": concat("", [sprintf("%v", [count(_agreed)]), " of ", sprintf("%v", [_enough]), " people have approved it"]),
		"rule": "data.lictor.rules.approve.people.ask",
		"file": object.get(_place, "file", ""),
		"line": object.get(_place, "line", 0),
	}
}

# Whoever edits has seen another action than those before: their approvals are not for this one.
_agreed := {input.approver} if {
	input.edited
} else := {input.approver} | _earlier

_earlier contains person if some person in input.held.agreed

_enough := object.get(_place, "people", 1)

# The first entry that names the tool counts, as in the file.
_place := place if {
	matching := [entry |
		some entry in object.get(_approvals, "tools", [])
		input.held.tool != ""
		glob.match(entry.tool, null, input.held.tool)
	]
	count(matching) > 0
	place := matching[0]
} else := _approvals

_approvals := object.get(data.lictor.team, "approvals", {})
