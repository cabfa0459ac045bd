package lictor.rules.flow.egress_test

import rego.v1

team := {
	"agents": {"legal": {"remote": true, "clearance": "internal", "file": "desk.yaml", "line": 30}, "writer": {"clearance": "secret"}},
	"tools": {
		"tool-crm": {"remote": true, "clearance": "internal", "file": "desk.yaml", "line": 20},
		"tool-vault": {"remote": true, "clearance": "secret", "file": "desk.yaml", "line": 24},
		"tool-mail": {"remote": false, "clearance": "secret", "file": "desk.yaml", "line": 28},
	},
}

message(target, labels) := {
	"sender": "writer", "target": target, "kind": "mcp", "method": "tools/call",
	"labels": object.union({"level": "internal", "untrusted": false, "tags": [], "sources": []}, labels),
}

denied(document) := denials if {
	denials := data.lictor.rules.flow.egress.deny with input as document with data.lictor.team as team
}

test_success_internal if count(denied(message("tool-crm", {}))) == 0

test_success_cleared if count(denied(message("tool-vault", {"level": "secret"}))) == 0

test_success_local if count(denied(message("tool-mail", {"level": "secret", "tags": ["*"]}))) == 0

test_success_listing if count(denied(object.union(message("tool-crm", {"level": "secret"}), {"method": "tools/list"}))) == 0

test_fail_secret if {
	some denial in denied(message("tool-crm", {"level": "secret"}))
	denial.code == "flow.egress"
	denial.reason == "writer may not send what is secret to tool-crm, which is not on this machine"
	denial.line == 20
}

test_fail_remote_agent if count(denied(object.union(message("legal", {"level": "secret"}), {"kind": "a2a"}))) == 1

test_fail_outside_caller if count(denied(object.union(message("ext-web", {"level": "secret"}), {"kind": "reply"}))) == 1

test_fail_unknown_labels if {
	some denial in denied(message("tool-vault", {"tags": ["*"]}))
	denial.reason == "writer may not send data of which the labels are not known to tool-vault, which is not on this machine"
}
