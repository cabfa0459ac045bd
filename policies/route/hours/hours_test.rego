package lictor.rules.route.hours_test

import rego.v1

office := {
	"windows": [{"days": [0, 1, 2, 3, 4], "start": 480, "end": 1080}],
	"text": "mon,tue,wed,thu,fri 08:00-18:00", "file": "desk.yaml", "line": 5,
}

night := {
	"windows": [{"days": [4], "start": 1320, "end": 1440}, {"days": [5], "start": 0, "end": 360}],
	"text": "fri 22:00-24:00; sat 00:00-06:00", "file": "desk.yaml", "line": 9,
}

team := {
	"agents": {"writer": {"hours": office}, "clerk": {}},
	"permits": {"writer": {"tool-mail": {}}, "clerk": {"tool-mail": {"hours": night}}},
}

at(sender, target, kind, weekday, minute) := {
	"sender": sender, "target": target, "kind": kind, "method": "tools/call",
	"now": {"weekday": weekday, "minute": minute},
}

denied(document) := lines if {
	denials := data.lictor.rules.route.hours.deny with input as document with data.lictor.team as team
	lines := {denial.line | some denial in denials}
}

test_success_within if denied(at("writer", "clerk", "a2a", 0, 480)) == set()

test_success_last_minute if denied(at("writer", "tool-mail", "mcp", 4, 1079)) == set()

test_success_answer_at_night if denied(at("writer", "clerk", "reply", 6, 3)) == set()

test_success_agent_without_hours if denied(at("clerk", "writer", "a2a", 6, 3)) == set()

test_success_tool_over_midnight if {
	denied(at("clerk", "tool-mail", "mcp", 4, 1439)) == set()
	denied(at("clerk", "tool-mail", "mcp", 5, 0)) == set()
}

test_fail_too_early if denied(at("writer", "clerk", "a2a", 0, 479)) == {5}

test_fail_too_late if denied(at("writer", "model-small", "model", 0, 1080)) == {5}

test_fail_weekend if denied(at("writer", "tool-mail", "mcp", 5, 600)) == {5}

test_fail_tool if denied(at("clerk", "tool-mail", "mcp", 5, 360)) == {9}

test_fail_no_clock if denied({"sender": "writer", "target": "clerk", "kind": "a2a"}) == {5}

test_fail_says_when if {
	denials := data.lictor.rules.route.hours.deny with input as at("clerk", "tool-mail", "mcp", 0, 0) with data.lictor.team as team
	some denial in denials
	denial.code == "route.hours"
	denial.reason == "clerk may call tool-mail only at fri 22:00-24:00; sat 00:00-06:00 (UTC)"
}

test_success_listing_at_night if {
	denied(object.union(at("writer", "tool-mail", "mcp", 6, 3), {"method": "tools/list"})) == set()
	denied(object.union(at("clerk", "tool-mail", "mcp", 0, 3), {"method": "tools/list"})) == set()
}
