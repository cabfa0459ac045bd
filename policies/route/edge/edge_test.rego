package lictor.rules.route.edge_test

import rego.v1

team := {
	"principals": {
		"triage": {"role": "agent", "file": "desk.yaml", "line": 2},
		"writer": {"role": "agent", "file": "desk.yaml", "line": 8},
		"tool-handbook": {"role": "tool", "file": "desk.yaml", "line": 6},
		"model-small": {"role": "model", "file": "desk.yaml", "line": 1},
	},
	"edges": {
		"triage": {"writer": {"kind": "a2a", "file": "desk.yaml", "line": 4}},
		"writer": {
			"tool-handbook": {"kind": "mcp", "file": "desk.yaml", "line": 9},
			"model-small": {"kind": "model", "file": "desk.yaml", "line": 10},
		},
	},
	"agents": {
		"triage": {"delegates": ["writer"], "delegates_line": 4, "file": "desk.yaml", "line": 2},
		"writer": {"delegates": [], "delegates_line": 0, "file": "desk.yaml", "line": 8},
	},
	"exposed": ["triage"],
}

message(sender, target, kind) := {"sender": sender, "target": target, "kind": kind, "request_kind": "", "method": "", "tool": "", "model": ""}

answer(sender, target, kind) := {"sender": sender, "target": target, "kind": "reply", "request_kind": kind, "method": "", "tool": "", "model": ""}

denied(document) := denials if {
	denials := data.lictor.rules.route.edge.deny with input as document with data.lictor.team as team
}

permitted(document) if data.lictor.rules.route.edge.permit with input as document with data.lictor.team as team

test_success_delegate if permitted(message("triage", "writer", "a2a"))

test_success_answer if permitted(answer("writer", "triage", "a2a"))

test_success_tool if permitted(message("writer", "tool-handbook", "mcp"))

test_success_model if permitted(message("writer", "model-small", "model"))

test_success_model_answers if permitted(answer("model-small", "writer", "model"))

test_success_outside_to_exposed if permitted(message("ext-shop", "triage", "a2a"))

test_success_exposed_answers_outside if permitted(answer("triage", "ext-shop", "a2a"))

test_success_operator_to_any_agent if {
	permitted(message("op-cli", "triage", "a2a"))
	permitted(message("op-cli", "writer", "a2a"))
}

test_success_agent_answers_operator if permitted(answer("writer", "op-cli", "a2a"))

test_fail_reverse_edge if {
	some denial in denied(message("writer", "triage", "a2a"))
	denial.code == "route.no_edge"
	denial.reason == "writer may not message triage: no such edge (writer has no delegates)"
	denial.file == "desk.yaml"
	denial.line == 8
}

test_fail_other_delegate if {
	some denial in denied(message("triage", "tool-handbook", "a2a"))
	denial.reason == "triage may not message tool-handbook: no such edge (triage may delegate to writer only)"
	denial.line == 4
}

test_fail_wrong_kind if {
	count(denied(message("triage", "writer", "mcp"))) == 1
	not permitted(message("triage", "writer", "mcp"))
}

test_fail_other_tool if {
	some denial in denied(message("triage", "tool-handbook", "mcp"))
	denial.reason == "triage may not call tool-handbook: no such edge (tool-handbook is not among its tools)"
	denial.line == 2
}

test_fail_other_model if {
	some denial in denied(message("triage", "model-small", "model"))
	denial.reason == "triage may not ask model-small: no such edge (model-small is not its model)"
}

test_fail_unknown_target if {
	some denial in denied(message("triage", "nobody", "a2a"))
	denial.reason == "triage may not message nobody: there is no such principal"
}

test_fail_outside_to_hidden if {
	some denial in denied(message("ext-shop", "writer", "a2a"))
	denial.reason == "ext-shop may not message writer: writer is not exposed to outside callers"
	denial.line == 8
}

test_fail_hidden_answers_outside if not permitted(answer("writer", "ext-shop", "a2a"))

test_fail_outside_to_tool if not permitted(message("ext-shop", "tool-handbook", "mcp"))

test_fail_operator_to_tool if {
	some denial in denied(message("op-cli", "tool-handbook", "mcp"))
	denial.reason == "op-cli may not call tool-handbook: no such edge: operators may message agents only"
}

test_fail_operator_to_model_as_agent if not permitted(message("op-cli", "model-small", "a2a"))

test_fail_operator_to_nobody if not permitted(message("op-cli", "nobody", "a2a"))

test_fail_answer_without_edge if {
	some denial in denied(answer("triage", "writer", "a2a"))
	denial.reason == "triage may not answer writer: there is no edge back"
}

test_fail_answer_of_other_kind if not permitted(answer("writer", "triage", "mcp"))

test_fail_event if {
	some denial in denied(message("triage", "writer", "event"))
	denial.reason == "triage may not notify writer: events are not available yet"
}

test_fail_unknown_sender if not permitted(message("mallory", "writer", "a2a"))

test_fail_sender_called_like_an_operator_only_in_part if not permitted(message("op", "writer", "a2a"))

test_fail_reply_kind_as_request if not permitted({"sender": "triage", "target": "writer", "kind": "reply", "request_kind": ""})
