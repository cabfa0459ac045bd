# METADATA
# title: Own
# description: Nobody approves what they ask for themselves.
# scope: package
package lictor.rules.approve.own

import rego.v1

deny contains denial if {
	input.approver == input.held.sender
	denial := {
		"code": "approve.own",
		"reason": concat("", [input.approver, " may not approve its own request"]),
		"rule": "data.lictor.rules.approve.own.deny",
		"file": "",
		"line": 0,
	}
}
