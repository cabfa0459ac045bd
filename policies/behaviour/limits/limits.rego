# METADATA
# title: Limits of behaviour
# description: >-
#   Where the other rules of this stage find what the YAML sets: `guards:` of the agent over `guards:` of the team over
#   the defaults that each rule names. A guard is a mode (off, warn, block, quarantine) or a map with limits and, if it
#   likes, a mode. What is not a mode or not a number counts as not set, so a slip never turns a guard off.
#   What is worked out here are functions: engines evaluate a rule of this stage for every question, a function on call.
# scope: package
package lictor.rules.behaviour.limits

import rego.v1

setting(guard) := object.union(_read(object.get(_team, guard, {})), _read(object.get(_agent, guard, {})))

# Returns a number above 0 that is set, or the default.
limit(guard, key, otherwise) := value if {
	value := setting(guard)[key]
	is_number(value)
	value > 0
} else := otherwise

mode(guard, otherwise) := value if {
	value := setting(guard).mode
	value in {"off", "warn", "block", "quarantine"}
} else := otherwise

# What follows from a value above its limit; nothing does when the guard is off. What goes on three times as far in
# spite of denials is stopped.
consequence(guard, value, most) := "warn" if {
	value > most
	mode(guard, "block") == "warn"
} else := "quarantine" if {
	value > most
	mode(guard, "block") == "quarantine"
} else := "quarantine" if {
	value > most * 3
	mode(guard, "block") == "block"
} else := "deny" if {
	value > most
	mode(guard, "block") == "block"
}

denial(guard, part, code, reason, outcome) := {
	"code": concat("", ["behaviour.", code]),
	"reason": concat(" ", [input.sender, reason]),
	"rule": concat("", ["data.lictor.rules.behaviour.", part, ".deny"]),
	"file": _file(setting(guard)),
	"line": _line(setting(guard)),
	"outcome": outcome,
}

_file(set) := set.file if {
	is_string(set.file)
} else := ""

_line(set) := set.line if {
	is_number(set.line)
} else := 0

default _team := {}

_team := data.lictor.team.guards if is_object(data.lictor.team.guards)

default _agent := {}

_agent := data.lictor.team.agents[input.sender].guards if is_object(data.lictor.team.agents[input.sender].guards)

_read(value) := value if {
	is_object(value)
} else := {"mode": value} if {
	is_string(value)
} else := {"mode": "off"} if {
	value == false
} else := {}
