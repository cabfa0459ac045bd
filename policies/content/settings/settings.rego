# METADATA
# title: Settings of the content guards
# description: >-
#   Where the other rules of this stage find what the YAML sets: `guards:` of the sender and of the target if they are
#   agents, else of the team, over the defaults that each rule names. Whoever of the two is stricter has its way. What is
#   not a mode, not a number or not a list counts as not set, so a slip never turns a guard off.
#   What is worked out here are functions: engines evaluate a rule of this stage for every question, a function on call.
# scope: package
package lictor.rules.content.settings

import rego.v1

# Returns the modes that hold for what was found: of everyone concerned whose threshold some class of the guard reaches.
modes(guard, class, otherwise, least) := {mode |
	some set in settings(guard)
	mode := mode_of(set, otherwise)
	count(counting(set, class, least)) > 0
}

# Returns the classes found that one setting counts.
counting(set, class, least) := {name |
	some name, score in input.findings
	_is(name, class)
	_wanted(set, name, class)
	is_number(score)
	score >= _from(set, least)
}

# Returns the classes of what stands in no body, whatever its kind: it counts for everyone and cannot be taken out.
nowhere(class) := {concat("/", [class, "seam"]), concat("/", [class, "header"]), concat("/", [class, "unscanned"])}

settings(guard) := found if {
	count(_concerned) > 0
	found := [_over(guard, name) | some name in _concerned]
} else := [_team(guard)]

mode_of(set, otherwise) := set.mode if {
	set.mode in {"off", "warn", "redact", "ask", "block", "quarantine"}
} else := otherwise

# One denial, one question and one notice have the same shape for every guard.
denial(guard, code, modes, reason) := object.union(_said(guard, code, reason), {"outcome": outcome}) if {
	outcome := _outcome(modes)
}

question(guard, code, reason) := _said(guard, code, reason)

_outcome(modes) := "quarantine" if {
	"quarantine" in modes
} else := "deny" if {
	"block" in modes
}

_said(guard, code, reason) := {
	"code": concat("", ["content.", code]),
	"reason": reason,
	"rule": concat("", ["data.lictor.rules.content.", guard]),
	"file": _file(place),
	"line": _line(place),
} if {
	place := settings(guard)[0]
}

_file(set) := set.file if {
	is_string(set.file)
} else := ""

_line(set) := set.line if {
	is_number(set.line)
} else := 0

_is(name, class) if name == class

_is(name, class) if startswith(name, concat("", [class, "/"]))

_wanted(set, name, class) if {
	is_array(set.kinds)
	count(set.kinds) > 0
	some kind in set.kinds
	name == concat("/", [class, kind])
} else if {
	name in nowhere(class)
} else if {
	not _limited(set)
}

_limited(set) if {
	is_array(set.kinds)
	count(set.kinds) > 0
}

_from(set, least) := set.threshold if {
	is_number(set.threshold)
} else := least

_concerned := [name |
	some name in [input.sender, input.target]
	is_object(data.lictor.team.agents[name])
]

_over(guard, name) := object.union(_team(guard), _read(object.get(_guards(data.lictor.team.agents[name]), guard, {})))

_team(guard) := _read(object.get(_guards(data.lictor.team), guard, {})) if {
	is_object(data.lictor.team)
} else := {}

_guards(holder) := holder.guards if {
	is_object(holder.guards)
} else := {}

_read(value) := value if {
	is_object(value)
} else := {"mode": value} if {
	is_string(value)
} else := {"mode": "off"} if {
	value == false
} else := {}
