package lictor.main_test

import rego.v1

team := {
	"principals": {
		"triage": {"role": "agent", "file": "desk.yaml", "line": 2},
		"writer": {"role": "agent", "file": "desk.yaml", "line": 8},
	},
	"edges": {"triage": {"writer": {"kind": "a2a", "file": "desk.yaml", "line": 4}}},
	"agents": {
		"triage": {"delegates": ["writer"], "delegates_line": 4, "file": "desk.yaml", "line": 2},
		"writer": {"delegates": [], "delegates_line": 0, "file": "desk.yaml", "line": 8},
	},
	"permits": {},
	"exposed": ["triage"],
}

message := {"sender": "triage", "target": "writer", "kind": "a2a", "request_kind": "", "method": "SendMessage", "tool": "", "model": ""}

test_success_declared_edge if {
	data.lictor.main.decision.allow with input as message with data.lictor.team as team
}

test_fail_empty_input if {
	not data.lictor.main.decision.allow with input as {} with data.lictor.team as team
}

test_fail_no_team if {
	not data.lictor.main.decision.allow with input as message with data.lictor.team as {}
}

denied_by_user(said) := decision if {
	decision := data.lictor.main.decision with input as message
		with data.lictor.team as team
		with data.lictor.user as {"x": {"deny": {said}}}
}

test_fail_user_rule_wins if not denied_by_user({"reason": "no"}).allow

test_fail_user_text if {
	decision := denied_by_user("not on Sundays")
	not decision.allow
	some denial in decision.denials
	denial == {"code": "user.x", "reason": "not on Sundays", "rule": "data.lictor.user.x.deny", "file": "", "line": 0}
}

test_fail_user_object if {
	some denial in denied_by_user({"reason": "no", "code": "user.sunday", "file": "a.rego", "line": 7}).denials
	denial == {"code": "user.sunday", "reason": "no", "rule": "data.lictor.user.x.deny", "file": "a.rego", "line": 7}
}

test_fail_user_object_of_wrong_types if {
	decision := denied_by_user({"reason": 7, "code": null, "line": "x", "rule": "data.lictor.rules.route.edge.deny"})
	not decision.allow
	some denial in decision.denials
	denial == {"code": "user.x", "reason": "a rule of the user denies it", "rule": "data.lictor.user.x.deny", "file": "", "line": 0}
}

test_fail_user_number if not denied_by_user(7).allow

test_fail_user_null if not denied_by_user(null).allow

test_fail_user_false if not denied_by_user(false).allow
