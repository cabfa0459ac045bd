# METADATA
# title: Hours
# description: >-
#   An agent with `hours:` asks for nothing outside of them, and a tool with `hours:` is not called outside of them.
#   Answers and listings of tools pass at any time. Minutes and days are those of UTC.
# scope: package
# custom:
#   feature: hours
package lictor.rules.route.hours

import rego.v1

deny contains denial if {
	_asks
	hours := data.lictor.team.agents[input.sender].hours
	not _open(hours)
	denial := _say(hours, [input.sender, " may act only at ", hours.text, " (UTC)"])
}

deny contains denial if {
	_calls
	hours := data.lictor.team.permits[input.sender][input.target].hours
	not _open(hours)
	denial := _say(hours, [input.sender, " may call ", input.target, " only at ", hours.text, " (UTC)"])
}

_asks if {
	input.kind != "reply"
	input.kind != "mcp"
}

_asks if _calls

_calls if {
	input.kind == "mcp"
	input.method == "tools/call"
}

_open(hours) if {
	some window in hours.windows
	input.now.weekday in window.days
	input.now.minute >= window.start
	input.now.minute < window.end
}

_say(hours, words) := {
	"code": "route.hours",
	"reason": concat("", words),
	"rule": "data.lictor.rules.route.hours.deny",
	"file": hours.file,
	"line": hours.line,
}
