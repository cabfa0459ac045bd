# METADATA
# title: Injection
# description: >-
#   Text of strangers that gives orders to a model: guards.injection.{mode: warn, threshold: 0.8}. The score is no proof, so
#   it is a warning unless the YAML says more.
# scope: package
package lictor.rules.content.injection

import rego.v1

_modes := data.lictor.rules.content.settings.modes("injection", "injection", "warn", 0.8)

deny contains data.lictor.rules.content.settings.denial("injection", "injection", _modes, reason) if {
	count(_modes & {"block", "quarantine"}) > 0
	reason := concat("", [input.sender, " passes on text that gives orders to a model"])
}

ask contains data.lictor.rules.content.settings.question("injection", "injection", reason) if {
	"ask" in _modes
	reason := concat("", [input.sender, " passes on text that gives orders to a model"])
}

oblige contains {"do": "warn", "code": "content.injection"} if "warn" in _modes
