# METADATA
# title: Schema
# description: >-
#   An agent's answer must satisfy its `output:` schema: guards.schema.mode is block unless the YAML says otherwise.
# scope: package
package lictor.rules.content.schema

import rego.v1

_modes := data.lictor.rules.content.settings.modes("schema", "schema", "block", 0.5)

deny contains data.lictor.rules.content.settings.denial("schema", "schema", _modes, reason) if {
	count(_modes & {"block", "quarantine"}) > 0
	reason := concat("", [input.sender, " answers what its output schema does not allow"])
}

ask contains data.lictor.rules.content.settings.question("schema", "schema", reason) if {
	"ask" in _modes
	reason := concat("", [input.sender, " answers what its output schema does not allow"])
}

oblige contains {"do": "warn", "code": "content.schema"} if "warn" in _modes
