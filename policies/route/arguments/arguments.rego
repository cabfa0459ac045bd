# METADATA
# title: Arguments
# description: >-
#   Entries of a permit that look at arguments, `send(to=*@example.com, amount<=100)`. What `deny` and `ask` say holds
#   when any value under each name may be what they describe; what `allow` says, when every value there is. A tool that
#   is allowed only with conditions, and meets none of them, waits for a person. A call with more values than can be
#   looked at in time (1500, each counted for every condition on it) is denied.
# scope: package
# custom:
#   feature: arguments
package lictor.rules.route.arguments

import rego.v1

permits := data.lictor.team.permits[input.sender][input.target]

deny contains denial if {
	some call in _calls
	call.verdict == "deny"
	_may_apply(call)
	denial := _say(call, "deny", [input.sender, " may not call ", input.tool, " of ", input.target, " with these arguments: ", call.text])
}

ask contains question if {
	some call in _calls
	call.verdict == "ask"
	_may_apply(call)
	question := _say(call, "ask", [input.sender, " calls ", input.tool, " of ", input.target, " with arguments to be asked about: ", call.text])
}

ask contains question if {
	_conditional
	allowing := [call | some call in _calls; call.verdict == "allow"]
	not _met(allowing)
	texts := concat(" or ", [call.text | some call in allowing])
	question := _say(allowing[0], "ask", [input.sender, " calls ", input.tool, " of ", input.target, " with arguments that are not ", texts])
}

deny contains denial if {
	_looks > _most
	reason := concat("", [input.sender, " calls ", input.tool, " of ", input.target, " with more arguments than its permit can look at: give fewer at once"])
	denial := {
		"code": "route.arguments_many",
		"reason": reason,
		"rule": "data.lictor.rules.route.arguments.deny",
		"file": object.get(permits, "file", ""),
		"line": object.get(permits, "line", 0),
	}
}

# How many values may be compared for one message; with more it would keep others waiting, and is denied.
_most := 1500

_looks := sum([count(_leaves[rule.path[0]]) |
	some call in _matching
	some rule in call.arguments
])

_calls := _matching if _looks <= _most

_matching := [call |
	input.kind == "mcp"
	input.method == "tools/call"
	some call in permits.calls
	data.lictor.glob.matches(call.tool, input.tool)
]

# Whether the tool is allowed, and only with conditions.
_conditional if {
	some call in _calls
	call.verdict == "allow"
	not _plain
}

_plain if {
	some pattern in permits.plain
	data.lictor.glob.matches(pattern, input.tool)
}

_met(allowing) if {
	some call in allowing
	every rule in call.arguments {
		_all(rule)
	}
}

_all(rule) if {
	values := _values(rule.path)
	count(values) > 0
	every value in values {
		_is(rule, value)
	}
}

_may_apply(call) if {
	every rule in call.arguments {
		_any(rule)
	}
}

_any(rule) if {
	some value in _values(rule.path)
	_may_be(rule, value)
}

_any(_) if not _readable

_readable if is_object(input.arguments)

# What stands under a name, however deep and in however many lists.
_values(path) := {value |
	some leaf in _leaves[path[0]]
	array.slice(leaf[0], 0, count(path)) == path
	value := leaf[1]
}

# The names above each value, and the value, by the first name. Everything is walked once, and what is in it twice is
# looked at once.
_leaves[first] contains [names, value] if {
	count(_matching) > 0
	walk(input.arguments, [at, value])
	not is_object(value)
	not is_array(value)
	names := [step | some step in at; is_string(step)]
	first := names[0]
}

_is(rule, value) if {
	rule.sign == "="
	is_string(value)
	data.lictor.glob.fits(rule.glob, value)
}

# Any other glob comes with its regular expression, which engines read alike whatever the text holds.
_is(rule, value) if {
	rule.sign == "="
	is_string(value)
	not data.lictor.glob.plain(rule.glob)
	regex.match(rule.pattern, value)
}

_is(rule, value) if {
	rule.sign == "="
	value == rule.value
}

_is(rule, value) if {
	rule.sign == "<"
	is_number(value)
	value < rule.value
}

_is(rule, value) if {
	rule.sign == "<="
	is_number(value)
	value <= rule.value
}

_is(rule, value) if {
	rule.sign == ">"
	is_number(value)
	value > rule.value
}

_is(rule, value) if {
	rule.sign == ">="
	is_number(value)
	value >= rule.value
}

_may_be(rule, value) if _is(rule, value)

# A text where a number is compared, or a number where a text is: the tool may read it as either.
_may_be(rule, value) if {
	rule.sign != "="
	not is_number(value)
	not is_null(value)
}

_may_be(rule, value) if {
	rule.sign == "="
	not is_string(value)
	not is_null(value)
	not "value" in object.keys(rule)
}

_say(call, verdict, words) := {
	"code": concat("", ["route.arguments_", {"deny": "denied", "ask": "ask"}[verdict]]),
	"reason": concat("", words),
	"rule": concat("", ["data.lictor.rules.route.arguments.", verdict]),
	"file": call.file,
	"line": call.line,
}
