package lictor.rules.route.arguments_test

import rego.v1

call(verdict, tool, rules, text, line) := {
	"verdict": verdict, "tool": tool, "arguments": rules,
	"text": text, "file": "desk.yaml", "line": line,
}

fits(path, glob) := {"path": path, "sign": "=", "glob": glob, "pattern": "is not needed"}

compared(path, sign, value) := {"path": path, "sign": sign, "glob": "", "pattern": "", "value": value}

own := "*@example.com"

evil := "*@evil.com"

year := {"path": ["year"], "sign": "=", "glob": "20??", "pattern": `(?s)\A20..\z`}

team := {"permits": {"writer": {"tool-mail": {
	"plain": ["find_*"],
	"calls": [
		call("allow", "send", [fits(["to"], own)], "send(to=*@example.com)", 10),
		call("allow", "send", [fits(["to"], "boss@partner.com"), compared(["size"], "<=", 10)], "send(to=boss@partner.com, size<=10)", 11),
		call("ask", "find_*", [object.union(fits(["all"], "true"), {"value": true})], "find_*(all=true)", 12),
		call("deny", "*", [fits(["to"], evil)], "*(to=*@evil.com)", 13),
		call("ask", "find_*", [year], "find_*(year=20??)", 15),
		call("deny", "pay", [compared(["amount"], ">", 1000)], "pay(amount>1000)", 14),
	],
	"file": "desk.yaml",
	"line": 9,
}}}}

message(tool, arguments) := {
	"sender": "writer", "target": "tool-mail", "kind": "mcp", "request_kind": "",
	"method": "tools/call", "tool": tool, "model": "", "read_only": false, "arguments": arguments,
}

denied(tool, arguments) := lines if {
	denials := data.lictor.rules.route.arguments.deny with input as message(tool, arguments) with data.lictor.team as team
	lines := {denial.line | some denial in denials}
}

asked(tool, arguments) := lines if {
	asks := data.lictor.rules.route.arguments.ask with input as message(tool, arguments) with data.lictor.team as team
	lines := {question.line | some question in asks}
}

passes(tool, arguments) if {
	denied(tool, arguments) == set()
	asked(tool, arguments) == set()
}

test_success_allowed_recipient if passes("send", {"to": "ana@example.com"})

test_success_every_recipient if passes("send", {"to": ["ana@example.com", "bo@example.com"]})

test_success_second_way if passes("send", {"to": "boss@partner.com", "size": 10})

test_success_unconditional_tool if passes("find_ticket", {"id": 7})

test_success_flag_is_not_set if passes("find_ticket", {"all": false})

test_success_small_amount if passes("pay", {"amount": 1000})

test_success_other_server if {
	document := object.union(message("send", {}), {"target": "tool-other"})
	count(data.lictor.rules.route.arguments.ask) == 0 with input as document with data.lictor.team as team
}

test_success_listing if {
	document := object.union(message("", {}), {"method": "tools/list"})
	count(data.lictor.rules.route.arguments.ask) == 0 with input as document with data.lictor.team as team
}

test_fail_other_recipient if asked("send", {"to": "x@other.com"}) == {10}

test_fail_one_of_several_recipients if asked("send", {"to": ["ana@example.com", "x@other.com"]}) == {10}

test_fail_no_recipient if asked("send", {}) == {10}

test_fail_empty_list if asked("send", {"to": []}) == {10}

test_fail_null if asked("send", {"to": null}) == {10}

test_fail_arguments_that_are_no_object if {
	asked("send", "to") == {10}
	denied("send", ["x"]) == {13}
}

test_fail_arguments_that_are_not_there if {
	document := object.remove(message("pay", {}), ["arguments"])
	count(data.lictor.rules.route.arguments.deny) == 2 with input as document with data.lictor.team as team
}

test_fail_line_after_the_end if asked("send", {"to": "ana@example.com\n"}) == {10}

test_fail_too_large if asked("send", {"to": "boss@partner.com", "size": 10.5}) == {10}

test_fail_number_as_text if asked("send", {"to": "boss@partner.com", "size": "5"}) == {10}

test_fail_flag if asked("find_ticket", {"all": true}) == {12}

test_fail_flag_as_text if asked("find_ticket", {"all": "true"}) == {12}

test_fail_denied_recipient if {
	denied("send", {"to": "x@evil.com"}) == {13}
	denied("find_ticket", {"to": "x@evil.com"}) == {13}
}

test_fail_denied_recipient_among_others if denied("send", {"to": ["ana@example.com", "x@evil.com"]}) == {13}

test_fail_denied_recipient_deep_inside if denied("send", {"to": [{"address": {"mail": "x@evil.com"}}]}) == {13}

test_fail_too_much if denied("pay", {"amount": 1000.01}) == {14}

test_fail_too_much_as_text if denied("pay", {"amount": "2000"}) == {14}

test_fail_says_why if {
	denials := data.lictor.rules.route.arguments.deny with input as message("pay", {"amount": 5000}) with data.lictor.team as team
	denials == {{
		"code": "route.arguments_denied",
		"reason": "writer may not call pay of tool-mail with these arguments: pay(amount>1000)",
		"rule": "data.lictor.rules.route.arguments.deny",
		"file": "desk.yaml",
		"line": 14,
	}}
}

test_fail_asks_with_all_ways if {
	asks := data.lictor.rules.route.arguments.ask with input as message("send", {"to": "x"}) with data.lictor.team as team
	some question in asks
	question.code == "route.arguments_ask"
	question.reason == "writer calls send of tool-mail with arguments that are not send(to=*@example.com) or send(to=boss@partner.com, size<=10)"
}

test_success_other_century if passes("find_ticket", {"year": "1999"})

test_fail_glob_that_is_not_plain if asked("find_ticket", {"year": "20\n1"}) == {15}

many(count) := [sprintf("x%d@example.com", [number]) | some number in numbers.range(1, count)]

# `send` has four conditions on `to`.
test_success_many_values if passes("send", {"to": many(300)})

test_fail_too_many_values if {
	denials := data.lictor.rules.route.arguments.deny with input as message("send", {"to": many(600)}) with data.lictor.team as team
	{denial.code | some denial in denials} == {"route.arguments_many"}
	asked("send", {"to": many(600)}) == set()
}

test_success_many_values_that_no_condition_names if passes("send", {"to": "ana@example.com", "rows": many(4000)})

test_success_same_value_twice if passes("send", {"to": ["ana@example.com", ["ana@example.com"]]})
