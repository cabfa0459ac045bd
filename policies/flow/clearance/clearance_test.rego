package lictor.rules.flow.clearance_test

import rego.v1

team := {
	"agents": {
		"triage": {"clearance": "internal", "file": "desk.yaml", "line": 2},
		"clerk": {"clearance": "secret", "file": "desk.yaml", "line": 8},
		"greeter": {"clearance": "public", "file": "desk.yaml", "line": 12},
	},
	"tools": {"tool-mail": {"clearance": "internal", "file": "desk.yaml", "line": 20}},
	"models": {},
	"principals": {"tool-plain": {"role": "tool"}},
}

message(target, kind, level) := {
	"sender": "clerk", "target": target, "kind": kind, "method": "tools/call",
	"labels": {"level": level, "untrusted": false, "tags": [], "sources": []},
}

denied(document) := denials if {
	denials := data.lictor.rules.flow.clearance.deny with input as document with data.lictor.team as team
}

test_success_at_the_level if count(denied(message("triage", "a2a", "internal"))) == 0

test_success_below if count(denied(message("clerk", "a2a", "public"))) == 0

test_success_secret_to_the_cleared if count(denied(message("clerk", "reply", "secret"))) == 0

test_success_operator if count(denied(message("op-cli", "reply", "secret"))) == 0

test_success_model_has_its_own_rule if count(denied(message("model-small", "model", "secret"))) == 0

test_success_outside_caller if count(denied(message("ext-web", "reply", "internal"))) == 0

test_success_listing_of_tools if {
	count(denied(object.union(message("tool-mail", "mcp", "secret"), {"method": "tools/list"}))) == 0
}

test_success_internal_is_the_default if {
	count(denied(message("tool-plain", "mcp", "internal"))) == 0
	count(denied(message("tool-plain", "mcp", "secret"))) == 1
}

test_fail_above if {
	some denial in denied(message("triage", "a2a", "secret"))
	denial.code == "flow.clearance"
	denial.reason == "triage may not be told what is secret: it is cleared for what is internal at most"
	denial.file == "desk.yaml"
	denial.line == 2
}

test_fail_answer if count(denied(message("greeter", "reply", "internal"))) == 1

test_fail_tool if {
	some denial in denied(message("tool-mail", "mcp", "secret"))
	denial.line == 20
}

test_fail_secret_to_an_outside_caller if count(denied(message("ext-web", "reply", "secret"))) == 1

test_fail_unknown_target if {
	some denial in denied(message("stranger", "a2a", "public"))
	denial.reason == "stranger may not be told what is public: it is cleared for nothing, because the team does not know it"
}

test_fail_unknown_level if count(denied(message("clerk", "a2a", "cosmic"))) == 1

test_fail_no_labels if {
	count(denied({"sender": "clerk", "target": "clerk", "kind": "a2a", "method": "x", "labels": {}})) == 1
	count(denied({"sender": "clerk", "target": "clerk", "kind": "a2a", "method": "x"})) == 1
}
