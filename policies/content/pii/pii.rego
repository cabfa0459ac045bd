# METADATA
# title: Personal data
# description: >-
#   E-mail addresses, card and account numbers and their like: guards.pii.{mode: warn, threshold: 0.5, kinds: all}. With mode
#   redact they are taken out of what is delivered.
# scope: package
package lictor.rules.content.pii

import rego.v1

_modes := data.lictor.rules.content.settings.modes("pii", "pii", "warn", 0.5)

deny contains data.lictor.rules.content.settings.denial("pii", "pii", _modes, reason) if {
	count(_modes & {"block", "quarantine"}) > 0
	reason := concat("", [input.sender, " sends personal data"])
}

# What straddles parts of a stream, stands in a header or was not looked at cannot be taken out: it is refused.
deny contains data.lictor.rules.content.settings.denial("pii", "pii", {"block"}, reason) if {
	"redact" in _modes
	some set in data.lictor.rules.content.settings.settings("pii")
	data.lictor.rules.content.settings.mode_of(set, "warn") == "redact"
	some class in data.lictor.rules.content.settings.counting(set, "pii", 0.5)
	class in data.lictor.rules.content.settings.nowhere("pii")
	reason := concat("", [input.sender, " sends personal data that cannot be taken out"])
}

ask contains data.lictor.rules.content.settings.question("pii", "pii", reason) if {
	"ask" in _modes
	reason := concat("", [input.sender, " sends personal data"])
}

oblige contains {"do": "warn", "code": "content.pii"} if "warn" in _modes

oblige contains {"do": "redact", "classes": [class]} if {
	some set in data.lictor.rules.content.settings.settings("pii")
	data.lictor.rules.content.settings.mode_of(set, "warn") == "redact"
	some class in data.lictor.rules.content.settings.counting(set, "pii", 0.5)
}
