# METADATA
# title: Groundedness
# description: >-
#   An answer that cites is held against the passages that its task has read: guards.groundedness.{mode: off, threshold: 0.5}
#   is how much of a sentence they may lack.
# scope: package
package lictor.rules.content.groundedness

import rego.v1

_modes := data.lictor.rules.content.settings.modes("groundedness", "ungrounded", "off", 0.5)

deny contains data.lictor.rules.content.settings.denial("groundedness", "ungrounded", _modes, reason) if {
	count(_modes & {"block", "quarantine"}) > 0
	reason := concat("", [input.sender, " says what the passages that it cites do not say"])
}

ask contains data.lictor.rules.content.settings.question("groundedness", "ungrounded", reason) if {
	"ask" in _modes
	reason := concat("", [input.sender, " says what the passages that it cites do not say"])
}

oblige contains {"do": "warn", "code": "content.ungrounded"} if "warn" in _modes
