# METADATA
# title: Refuse
# description: >-
#   A tool is never called with data that carries a label which the agent's use of it refuses: not even offered for an
#   approval. A level refuses everything as confidential or more; when labels are not known, every one may be there.
# scope: package
package lictor.rules.flow.refuse

import rego.v1

permit := data.lictor.team.permits[input.sender][input.target]

deny contains denial if {
	input.kind == "mcp"
	input.method == "tools/call"
	some word in permit.refuse
	_carries(word)
	denial := {
		"code": "flow.refused_label",
		"reason": concat("", [input.sender, " may not call ", input.tool, " of ", input.target, " with data that is ", word]),
		"rule": "data.lictor.rules.flow.refuse.deny",
		"file": object.get(permit, "file", ""),
		"line": object.get(permit, "line", 0),
	}
}

_rank := {"public": 0, "internal": 1, "secret": 2}

_carries(word) if _rank[input.labels.level] >= _rank[word]

_carries("untrusted") if input.labels.untrusted

_carries("trusted") if not input.labels.untrusted

_carries(word) if word in input.labels.tags

_carries(_) if "*" in input.labels.tags
