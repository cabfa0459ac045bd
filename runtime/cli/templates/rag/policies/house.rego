# METADATA
# title: House rules
# description: What this team refuses on top of the built-in rules. Deny wins; there is no allow here.
# scope: package
package lictor.user.house

import rego.v1

deny contains denial if {
	input.kind == "mcp"
	startswith(input.tool, "delete_")
	denial := {
		"code": "house.no_deletion",
		"reason": concat("", [input.sender, " may not call ", input.tool, ": nothing is deleted here"]),
		"rule": "data.lictor.user.house.deny",
	}
}
