# METADATA
# title: Taint
# description: >-
#   Once something untrusted is in an agent's context, a tool with an outside effect that it may call is asked about
#   instead (guard `taint`: ask, the default), or denied (block), unless the call keeps to the task's contract. A tool
#   that is not known to only read has an outside effect.
# scope: package
package lictor.rules.flow.taint

import rego.v1

deny contains denial if {
	_mode == "block"
	_tainted
	denial := _say("deny")
}

ask contains question if {
	not _mode in {"block", "off"}
	_tainted
	question := _say("ask")
}

_tainted if {
	input.kind == "mcp"
	input.method == "tools/call"
	input.target != "enforcer"
	not _harmless
	not _settled
}

_harmless if input.effect == false

_harmless if input.labels.untrusted == false

# A rule of its own: in OPA `not x in set` says nothing when x is missing.
_settled if input.contract.state in {"met", "ask", "broken"}

default _mode := "ask"

_mode := data.lictor.team.agents[input.sender].guards.taint.mode

default _permit := {}

_permit := data.lictor.team.permits[input.sender][input.target]

_say(verb) := {
	"code": "flow.untrusted_context",
	"reason": concat("", [input.sender, " calls ", input.tool, " of ", input.target, ", which may do more than read, after untrusted data was read"]),
	"rule": concat("", ["data.lictor.rules.flow.taint.", verb]),
	"file": object.get(_permit, "file", ""),
	"line": object.get(_permit, "line", 0),
}
