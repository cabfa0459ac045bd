# METADATA
# title: Permit
# description: >-
#   An agent may call those tools of a server that its `permit:` allows; deny beats ask beats allow, and `otherwise`
#   holds for a tool that nothing names: allow, read-only (allow what the server annotates readOnlyHint, ask for the
#   rest), ask or deny. What is to be asked waits until a person has approved it.
# scope: package
package lictor.rules.route.permit

import rego.v1

permits := data.lictor.team.permits[input.sender][input.target]

deny contains denial if {
	_calls
	permits
	not _allowed
	not _asked
	denial := _say(concat("", [input.sender, " may not call ", input.tool, " of ", input.target, ": ", _objection]))
}

deny contains denial if {
	_calls
	not permits
	not _operates
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
	not _known_method
	denial := {
		"code": "route.method_not_permitted",
		"reason": concat("", [input.sender, " may not call method ", input.method, " of ", input.target]),
		"rule": "data.lictor.rules.route.permit.deny",
		"file": "",
		"line": 0,
	}
}

ask contains question if {
	_calls
	_asked
	question := object.union(
		_say(concat("", [input.sender, " calls ", input.tool, " of ", input.target, ", and ", _why])),
		{"code": "route.tool_asks", "rule": "data.lictor.rules.route.permit.ask"},
	)
}

_say(reason) := {
	"code": "route.tool_not_permitted",
	"reason": reason,
	"rule": "data.lictor.rules.route.permit.deny",
	"file": object.get(permits, "file", ""),
	"line": object.get(permits, "line", 0),
}

# What may be done at the enforcer itself is for the rule `operate` to say.
_operates if input.target == "enforcer"

_calls if {
	input.kind == "mcp"
	input.method == "tools/call"
}

_known_method if input.method in {"tools/call", "tools/list", "ping", "initialize", "server/discover"}

_denies if _matches(permits.deny)

_asks if _matches(permits.ask)

_allows if _matches(permits.allow)

_named if _denies

_named if _asks

_asked if {
	input.tool != ""
	_asks
	not _denies
}

_asked if {
	_unnamed
	permits.otherwise == "ask"
}

_asked if {
	_unnamed
	permits.otherwise == "read-only"
	not input.read_only == true
}

_allowed if {
	input.tool != ""
	not _named
	_allows
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
	not _allows
}

default _objection := "its permit does not allow it"

_objection := "it names no tool" if {
	input.tool == ""
} else := "its permit denies it" if {
	_denies
}

default _why := "its permit does not name it"

_why := "its permit asks for an approval" if {
	_asks
} else := "its server does not say that it only reads" if {
	permits.otherwise == "read-only"
}

# Without delimiters: `crm*` names `crm.delete` and `crm/delete` too, whether it stands under allow or under deny.
_matches(globs) if {
	some pattern in globs
	data.lictor.glob.matches(pattern, input.tool)
}
