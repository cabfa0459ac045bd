# METADATA
# title: Contract
# description: >-
#   A tool call that breaks its task's contract is denied, one that the contract leaves to a person is asked about, and
#   so is one with an outside effect whose agent is to write a contract and has not.
# scope: package
package lictor.rules.flow.contract

import rego.v1

deny contains denial if {
	_calls
	not _known
	denial := _say("deny")
}

ask contains question if {
	_calls
	input.contract.state == "ask"
	question := _say("ask")
}

ask contains question if {
	_calls
	input.contract.state == "missing"
	input.effect != false
	question := _say("ask")
}

# A rule of its own: in OPA `not x in set` says nothing when x is missing.
_known if input.contract.state in {"none", "met", "ask", "missing"}

_calls if {
	input.kind == "mcp"
	input.method == "tools/call"
}

default _contract := {}

_contract := input.contract

_say(verb) := {
	"code": object.get(_contract, "code", "contract.unknown"),
	"reason": object.get(_contract, "reason", "it is not known whether the call keeps to its contract"),
	"rule": concat("", ["data.lictor.rules.flow.contract.", verb]),
	"file": object.get(_contract, "file", ""),
	"line": object.get(_contract, "line", 0),
}
