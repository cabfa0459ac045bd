# METADATA
# title: Decision
# description: >-
#   Collects what every rule says of one message. A message may pass when some rule of the route layer
#   permits it and no rule, built in or the user's, denies it. Adding a file adds a rule.
#   A user's rule says its reason as a text, or as an object with `reason` and, if it likes, `code`, `file` and `line`.
# scope: package
package lictor.main

import rego.v1

default decision := {"allow": false, "denials": []}

decision := {"allow": allow, "denials": [denial | some denial in denials]}

default allow := false

allow if {
	permitted
	count(denials) == 0
}

permitted if {
	some name
	data.lictor.rules.route[name].permit == true
}

denials contains denial if {
	some layer, name
	some denial in data.lictor.rules[layer][name].deny
}

denials contains denial if {
	some name
	some said in data.lictor.user[name].deny
	denial := _told(name, said)
}

_told(name, said) := object.union(_plain(name, "a rule of the user denies it"), {"reason": said}) if is_string(said)

_told(name, said) := object.union(_plain(name, "a rule of the user denies it"), _usable(said)) if is_object(said)

_told(name, said) := _plain(name, "a rule of the user denies it") if {
	not is_string(said)
	not is_object(said)
}

_plain(name, reason) := {
	"code": concat("", ["user.", name]),
	"reason": reason,
	"rule": concat("", ["data.lictor.user.", name, ".deny"]),
	"file": "",
	"line": 0,
}

# Only what has the right type is taken over: a denial that cannot be read must still be a denial with a name.
_usable(said) := object.union(
	{key: value | some key in {"code", "reason", "file"}; value := said[key]; is_string(value)},
	{key: value | some key in {"line"}; value := said[key]; is_number(value); value == floor(value); value >= 0},
)
