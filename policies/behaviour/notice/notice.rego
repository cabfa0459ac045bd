# METADATA
# title: Notice
# description: >-
#   What is worth knowing and proves nothing: a budget that will soon be gone (guards.budget_burn.share: 0.9), steps never
#   taken before (guards.sequence.share: 0.8), pace or length that drifted (guards.drift.share: 0.8), an outside caller
#   that asks by the template (guards.extraction.share: 0.7; it is denied with mode block). All of it warns. When a
#   detector failed, a person is asked before a tool is called that does more than read.
# scope: package
package lictor.rules.behaviour.notice

import rego.v1

_noticed := {
	"burn": {"guard": "budget_burn", "from": 0.9},
	"novelty": {"guard": "sequence", "from": 0.8},
	"drift": {"guard": "drift", "from": 0.8},
	"extraction": {"guard": "extraction", "from": 0.7},
}

oblige contains {"do": "warn", "code": code} if {
	some name, value in input.signals
	noticed := _noticed[name]
	is_number(value)
	value >= data.lictor.rules.behaviour.limits.limit(noticed.guard, "share", noticed.from)
	data.lictor.rules.behaviour.limits.mode(noticed.guard, "warn") != "off"
	code := concat("", ["behaviour.", name])
}

oblige contains {"do": "warn", "code": "behaviour.suspicious"} if input.signals.suspicious

ask contains data.lictor.rules.behaviour.limits.denial("suspicious", "notice", "suspicious", reason, "deny") if {
	input.signals.suspicious
	input.tool != ""
	not input.read_only
	reason := "cannot be judged by its behaviour, because a detector failed"
}

deny contains data.lictor.rules.behaviour.limits.denial("extraction", "notice", "extraction", reason, outcome) if {
	value := input.signals.extraction
	is_number(value)
	value >= data.lictor.rules.behaviour.limits.limit("extraction", "share", 0.7)
	mode := data.lictor.rules.behaviour.limits.mode("extraction", "warn")
	outcome := {"block": "deny", "quarantine": "quarantine"}[mode]
	reason := "asks by the template, many times and each time a little different"
}
