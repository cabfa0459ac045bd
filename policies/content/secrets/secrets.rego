# METADATA
# title: Secrets
# description: >-
#   Keys, tokens and passwords do not travel: guards.secrets.{mode: block, threshold: 0.5}. With mode redact they are
#   taken out of what is delivered. What is refused is recorded without them as well.
# scope: package
package lictor.rules.content.secrets

import rego.v1

_modes := data.lictor.rules.content.settings.modes("secrets", "secret", "block", 0.5)

deny contains data.lictor.rules.content.settings.denial("secrets", "secret", _modes, reason) if {
	count(_modes & {"block", "quarantine"}) > 0
	reason := concat("", [input.sender, " sends what looks like a secret"])
}

# What straddles parts of a stream, stands in a header or was not looked at cannot be taken out: it is refused.
deny contains data.lictor.rules.content.settings.denial("secrets", "secret", {"block"}, reason) if {
	"redact" in _modes
	some set in data.lictor.rules.content.settings.settings("secrets")
	data.lictor.rules.content.settings.mode_of(set, "block") == "redact"
	some class in data.lictor.rules.content.settings.counting(set, "secret", 0.5)
	class in data.lictor.rules.content.settings.nowhere("secret")
	reason := concat("", [input.sender, " sends what looks like a secret that cannot be taken out"])
}

ask contains data.lictor.rules.content.settings.question("secrets", "secret", reason) if {
	"ask" in _modes
	reason := concat("", [input.sender, " sends what looks like a secret"])
}

oblige contains {"do": "warn", "code": "content.secret"} if "warn" in _modes

oblige contains {"do": "redact", "classes": [class]} if {
	some set in data.lictor.rules.content.settings.settings("secrets")
	data.lictor.rules.content.settings.mode_of(set, "block") in {"redact", "block", "quarantine"}
	some class in data.lictor.rules.content.settings.counting(set, "secret", 0.5)
}
