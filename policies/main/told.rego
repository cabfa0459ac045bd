# METADATA
# title: Decision
# description: >-
#   Collects what every rule of one stage says of one message: the entry points are data.lictor.main.STAGE, one file
#   each beside this one. Nothing passes that any rule, built in or the user's, denies. Adding a file adds a rule.
#   A user's rule says its reason as a text, or as an object with `reason` and, if it likes, `code`, `file`, `line`
#   and `outcome`; it is asked at the first stage at which all it reads is known, as data.lictor.stages tells.
# scope: package
package lictor.main

import rego.v1

_nothing := {"allow": false, "denials": [], "asks": [], "obligations": []}

_decided(permitted, denials, asks, obligations) := {
	"allow": _allowed(permitted, denials),
	"denials": [denial | some denial in denials],
	"asks": [ask | some ask in asks],
	"obligations": [obligation | some obligation in obligations],
}

_allowed(permitted, denials) if {
	permitted
	count(denials) == 0
} else := false

_denials(names) := {_told(name, said, "denies it") |
	some name in names
	some said in data.lictor.user[name].deny
}

_asks(names) := {_told(name, said, "asks for an approval") |
	some name in names
	some said in data.lictor.user[name].ask
}

_obligations(names) := {obligation |
	some name in names
	some obligation in data.lictor.user[name].oblige
}

_told(name, said, verb) := object.union(_plain(name, verb), {"reason": said}) if is_string(said)

_told(name, said, verb) := object.union(_plain(name, verb), _usable(said)) if is_object(said)

_told(name, said, verb) := _plain(name, verb) if {
	not is_string(said)
	not is_object(said)
}

_plain(name, verb) := {
	"code": concat("", ["user.", name]),
	"reason": concat("", ["a rule of the user ", verb]),
	"rule": concat("", ["data.lictor.user.", name, ".", _verbs[verb]]),
	"file": "",
	"line": 0,
}

_verbs := {"denies it": "deny", "asks for an approval": "ask"}

# Only what has the right type is taken over: a denial that cannot be read must still be a denial with a name.
_usable(said) := object.union(
	{key: value | some key in {"code", "reason", "file"}; value := said[key]; is_string(value)},
	object.union(
		{key: value | some key in {"line"}; value := said[key]; is_number(value); value == floor(value); value >= 0},
		{key: value | some key in {"outcome"}; value := said[key]; value in {"deny", "quarantine"}},
	),
)
