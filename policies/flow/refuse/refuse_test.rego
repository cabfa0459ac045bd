package lictor.rules.flow.refuse_test

import rego.v1

team := {"permits": {"writer": {
	"tool-mail": {"refuse": ["internal", "customer"], "file": "desk.yaml", "line": 12},
	"tool-log": {"refuse": ["untrusted"], "file": "desk.yaml", "line": 15},
	"tool-free": {"refuse": [], "file": "desk.yaml", "line": 18},
}}}

call(server, labels) := {
	"sender": "writer", "target": server, "kind": "mcp", "method": "tools/call", "tool": "send",
	"labels": object.union({"level": "public", "untrusted": false, "tags": [], "sources": []}, labels),
}

denied(document) := denials if {
	denials := data.lictor.rules.flow.refuse.deny with input as document with data.lictor.team as team
}

test_success_other_labels if count(denied(call("tool-mail", {"untrusted": true, "tags": ["press"]}))) == 0

test_success_nothing_refused if count(denied(call("tool-free", {"level": "secret", "untrusted": true}))) == 0

test_success_trusted if count(denied(call("tool-log", {"level": "secret"}))) == 0

test_success_listing if count(denied(object.union(call("tool-mail", {"level": "secret"}), {"method": "tools/list"}))) == 0

test_fail_level if {
	some denial in denied(call("tool-mail", {"level": "internal"}))
	denial.code == "flow.refused_label"
	denial.reason == "writer may not call send of tool-mail with data that is internal"
	denial.line == 12
}

test_fail_higher_level if count(denied(call("tool-mail", {"level": "secret"}))) == 1

test_fail_tag if count(denied(call("tool-mail", {"tags": ["customer"]}))) == 1

test_fail_untrusted if count(denied(call("tool-log", {"untrusted": true}))) == 1

test_fail_unknown_labels if count(denied(call("tool-mail", {"tags": ["*"]}))) == 2
