# METADATA
# title: Suspicious content
# description: >-
#   A classifier failed, the text is too long to be looked at, or a deeper classifier found later that the task has read
#   orders of a stranger. It warns, and a person is asked before a tool is called that does more than read.
# scope: package
package lictor.rules.content.suspicious

import rego.v1

oblige contains {"do": "warn", "code": "content.suspicious"} if _suspicious

ask contains question if {
	_suspicious
	input.tool != ""
	not input.read_only
	question := {
		"code": "content.suspicious",
		"reason": concat("", [input.sender, " calls ", input.tool, ", and its content could not be judged or was found suspicious"]),
		"rule": "data.lictor.rules.content.suspicious",
		"file": "",
		"line": 0,
	}
}

_suspicious if {
	is_number(input.findings.suspicious)
	input.findings.suspicious >= 0.5
}
