# METADATA
# title: Crowds
# description: >-
#   Storms are broken: one principal with too many requests open in a task, a task whose agents have too many open
#   together, more messages within five seconds than anything needs. guards.bursts.{open: 32, task: 192, rate: 256}.
# scope: package
package lictor.rules.behaviour.crowd

import rego.v1

deny contains denial if {
	some found in _found
	found.outcome != "warn"
	denial := data.lictor.rules.behaviour.limits.denial("bursts", "crowd", found.code, found.reason, found.outcome)
}

oblige contains {"do": "warn", "code": code} if {
	some found in _found
	found.outcome == "warn"
	code := concat("", ["behaviour.", found.code])
}

_found contains {"code": "fan_out", "outcome": outcome, "reason": reason} if {
	value := input.signals.fan_out
	is_number(value)
	outcome := data.lictor.rules.behaviour.limits.consequence("bursts", value, data.lictor.rules.behaviour.limits.limit("bursts", "open", 32))
	reason := concat(" ", ["has", format_int(value, 10), "requests open in this task and waits for none of them"])
}

# Never worse than a denial: others of the task have their part in it.
_found contains {"code": "storm", "outcome": outcome, "reason": reason} if {
	value := input.signals.storm
	is_number(value)
	worst := data.lictor.rules.behaviour.limits.consequence("bursts", value, data.lictor.rules.behaviour.limits.limit("bursts", "task", 192))
	outcome := {"quarantine": "deny", "deny": "deny", "warn": "warn"}[worst]
	reason := concat(" ", ["asks in a task whose agents have", format_int(value, 10), "messages to each other open"])
}

_found contains {"code": "burst", "outcome": outcome, "reason": reason} if {
	value := input.signals.burst
	is_number(value)
	outcome := data.lictor.rules.behaviour.limits.consequence("bursts", value, data.lictor.rules.behaviour.limits.limit("bursts", "rate", 256))
	reason := concat(" ", ["sent", format_int(value, 10), "messages in this task within five seconds"])
}
