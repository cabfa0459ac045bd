# METADATA
# title: Conduct
# description: >-
#   Who has behaved badly of late is trusted with less: at a score of guards.conduct.ask (0.4) or less a person is asked
#   before a tool is called that does more than read, at guards.conduct.deny (0.15) or less nothing but answers passes.
#   The score recovers with time and good messages.
# scope: package
package lictor.rules.behaviour.conduct

import rego.v1

deny contains data.lictor.rules.behaviour.limits.denial("conduct", "conduct", "conduct", reason, "deny") if {
	_score <= data.lictor.rules.behaviour.limits.limit("conduct", "deny", 0.15)
	data.lictor.rules.behaviour.limits.mode("conduct", "block") in {"block", "quarantine"}
	reason := "was denied so much of late that nothing of it passes for a while"
}

ask contains data.lictor.rules.behaviour.limits.denial("conduct", "conduct", "conduct", reason, "deny") if {
	input.tool != ""
	not input.read_only
	_score <= data.lictor.rules.behaviour.limits.limit("conduct", "ask", 0.4)
	data.lictor.rules.behaviour.limits.mode("conduct", "block") in {"block", "quarantine"}
	reason := "was denied much of late, so a person decides before it changes anything"
}

oblige contains {"do": "warn", "code": "behaviour.conduct"} if {
	_score <= data.lictor.rules.behaviour.limits.limit("conduct", "ask", 0.4)
	data.lictor.rules.behaviour.limits.mode("conduct", "block") == "warn"
}

# Of whom nothing is held, nothing more is asked.
_score := input.conduct if {
	is_number(input.conduct)
	input.conduct < 1
	input.kind != "reply"
}
