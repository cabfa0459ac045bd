# METADATA
# title: Permit
# description: >-
#   An agent may call those tools of a server that its `permit:` allows; deny beats ask beats allow, and `otherwise`
#   holds for a tool that nothing names: allow, read-only (allow what the server annotates readOnlyHint, ask for the
#   rest), ask or deny. What is to be asked waits for approvals, which this release does not have: it is denied.
# scope: package
package lictor.rules.route.permit

import rego.v1

permits := data.lictor.team.permits[input.sender][input.target]

deny contains denial if {
	_calls
	permits
	not _allowed
	denial := {
		"code": "route.tool_not_permitted",
		"reason": concat("", [input.sender, " may not call ", input.tool, " of ", input.target, ": ", _objection]),
		"rule": "data.lictor.rules.route.permit.deny",
		"file": object.get(permits, "file", ""),
		"line": object.get(permits, "line", 0),
	}
}

deny contains denial if {
	_calls
	not permits
	denial := {
		"code": "route.tool_not_permitted",
		"reason": concat("", [input.sender, " may not call ", input.tool, ": it has no permit for ", input.target]),
		"rule": "data.lictor.rules.route.permit.deny",
		"file": "",
		"line": 0,
	}
}

deny contains denial if {
	input.kind == "mcp"
	not input.method in {"tools/call", "tools/list", "ping", "initialize", "server/discover"}
	denial := {
		"code": "route.method_not_permitted",
		"reason": concat("", [input.sender, " may not call method ", input.method, " of ", input.target]),
		"rule": "data.lictor.rules.route.permit.deny",
		"file": "",
		"line": 0,
	}
}

_calls if {
	input.kind == "mcp"
	input.method == "tools/call"
}

_named if _matches(permits.deny)

_named if _matches(permits.ask)

_allowed if {
	input.tool != ""
	not _named
	_matches(permits.allow)
}

_allowed if {
	_unnamed
	permits.otherwise == "allow"
}

_allowed if {
	_unnamed
	permits.otherwise == "read-only"
	input.read_only == true
}

_unnamed if {
	input.tool != ""
	not _named
	not _matches(permits.allow)
}

default _objection := "its permit does not allow it"

_objection := "it names no tool" if {
	input.tool == ""
} else := "its permit denies it" if {
	_matches(permits.deny)
} else := "its permit asks for an approval, and approvals are not available yet" if {
	_matches(permits.ask)
} else := "its server does not say that it only reads, so it needs an approval, and approvals are not available yet" if {
	permits.otherwise == "read-only"
} else := "its permit does not name it, so it needs an approval, and approvals are not available yet" if {
	permits.otherwise == "ask"
}

# Without delimiters: `crm*` names `crm.delete` and `crm/delete` too, whether it stands under allow or under deny.
_matches(globs) if {
	some pattern in globs
	glob.match(pattern, null, input.tool)
}
