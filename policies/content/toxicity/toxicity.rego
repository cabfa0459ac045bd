# METADATA
# title: Toxicity
# description: >-
#   Hateful text, where a classifier of the deployer's scores it: guards.toxicity.{mode: off, threshold: 0.8}. None is built in.
# scope: package
package lictor.rules.content.toxicity

import rego.v1

_modes := data.lictor.rules.content.settings.modes("toxicity", "toxicity", "off", 0.8)

deny contains data.lictor.rules.content.settings.denial("toxicity", "toxicity", _modes, reason) if {
	count(_modes & {"block", "quarantine"}) > 0
	reason := concat("", [input.sender, " sends hateful text"])
}

ask contains data.lictor.rules.content.settings.question("toxicity", "toxicity", reason) if {
	"ask" in _modes
	reason := concat("", [input.sender, " sends hateful text"])
}

oblige contains {"do": "warn", "code": "content.toxicity"} if "warn" in _modes
