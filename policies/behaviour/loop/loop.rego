# METADATA
# title: Loops
# description: >-
#   Who goes round in circles is stopped: the same call again and again, calls that only a number tells apart, a cycle of
#   messages, answers that say nothing new, two agents that thank each other. guards.repetition.{max: 5, near: 6,
#   stale: 8, polls: [globs]}, guards.loops.{passes: 2}, guards.ping_pong.{max: 6}. Tools that are there to be
#   asked again (polls) and models may be called three times as often. Goes it on in spite of denials: quarantine.
# scope: package
package lictor.rules.behaviour.loop

import rego.v1

deny contains denial if {
	some found in _found
	found.outcome != "warn"
	denial := data.lictor.rules.behaviour.limits.denial(found.guard, "loop", found.code, found.reason, found.outcome)
}

oblige contains {"do": "warn", "code": code} if {
	some found in _found
	found.outcome == "warn"
	code := concat("", ["behaviour.", found.code])
}

_found contains _finding("repetition", "loop", outcome, [
	"made the same call", _number(value), "times and learnt nothing new from it: wait longer each time, or do something else",
]) if {
	value := input.signals.repeated_call
	is_number(value)
	outcome := data.lictor.rules.behaviour.limits.consequence("repetition", value, data.lictor.rules.behaviour.limits.limit("repetition", "max", 5) * _patience(input.kind, input.tool))
}

_found contains _finding("repetition", "near_loop", outcome, [
	"made", _number(value), "calls that only a number tells apart, and learnt nothing new from them",
]) if {
	value := input.signals.near_call
	is_number(value)
	outcome := data.lictor.rules.behaviour.limits.consequence("repetition", value, data.lictor.rules.behaviour.limits.limit("repetition", "near", 6) * _patience(input.kind, input.tool))
}

_found contains _finding("repetition", "stale", outcome, [
	"got", _number(value), "answers in a row that say what was said before, or fail alike",
]) if {
	value := input.signals.stale
	is_number(value)
	outcome := data.lictor.rules.behaviour.limits.consequence("repetition", value, data.lictor.rules.behaviour.limits.limit("repetition", "stale", 8) * _patience(input.kind, input.tool))
}

_found contains _finding("loops", "cycle", outcome, [
	"goes round in a circle: it is in its pass number", _number(value), "through the same messages",
]) if {
	value := input.signals.cycle
	is_number(value)
	outcome := data.lictor.rules.behaviour.limits.consequence("loops", value, data.lictor.rules.behaviour.limits.limit("loops", "passes", 2) * _patience(input.kind, input.tool))
}

_found contains _finding("ping_pong", "ping_pong", outcome, [
	"goes on talking with another and neither says anything new:", _number(value), "messages said it all before",
]) if {
	value := input.signals.ping_pong
	is_number(value)
	outcome := data.lictor.rules.behaviour.limits.consequence("ping_pong", value, data.lictor.rules.behaviour.limits.limit("ping_pong", "max", 6))
}

_finding(guard, code, outcome, words) := {
	"guard": guard,
	"code": code,
	"outcome": outcome,
	"reason": concat(" ", words),
}

_number(value) := format_int(value, 10)

_patience("model", _) := 3

_patience(kind, tool) := 3 if {
	kind != "model"
	_is_poll(tool)
} else := 1 if {
	kind != "model"
}

_is_poll(tool) if {
	tool != ""
	some pattern in _polls(data.lictor.rules.behaviour.limits.setting("repetition"))
	glob.match(pattern, null, lower(tool))
}

_polls(set) := set.polls if {
	is_array(set.polls)
} else := ["*status*", "*poll*", "*wait*", "*sleep*", "*progress*", "*health*"]
