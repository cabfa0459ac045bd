# METADATA
# title: Refused
# description: >-
#   Who keeps trying what is denied is stopped: guards.refusals.{max: 12} of the same denial in one task, of which half
#   are forgiven in five minutes. From half of that on it is a warning.
# scope: package
package lictor.rules.behaviour.refused

import rego.v1

deny contains data.lictor.rules.behaviour.limits.denial("refusals", "refused", "refusals", reason, "quarantine") if {
	value := input.signals.refusals
	is_number(value)
	value >= data.lictor.rules.behaviour.limits.limit("refusals", "max", 12)
	data.lictor.rules.behaviour.limits.mode("refusals", "quarantine") in {"block", "quarantine"}
	reason := concat(" ", ["was denied the same", format_int(value, 10), "times and keeps trying"])
}

oblige contains {"do": "warn", "code": "behaviour.refusals"} if {
	value := input.signals.refusals
	is_number(value)
	value * 2 >= data.lictor.rules.behaviour.limits.limit("refusals", "max", 12)
	data.lictor.rules.behaviour.limits.mode("refusals", "quarantine") != "off"
}
