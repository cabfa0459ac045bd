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
	data.lictor.main.route.allow with input as message with data.lictor.team as team with data.lictor.stages as {"route": []}
}

test_fail_empty_input if {
	not data.lictor.main.route.allow with input as {} with data.lictor.team as team with data.lictor.stages as {"route": []}
}

test_fail_no_team if {
	not data.lictor.main.route.allow with input as message with data.lictor.team as {} with data.lictor.stages as {"route": []}
}

# Without the list of the user's rules none of them would be asked.
test_fail_no_stages if {
	not data.lictor.main.route.allow with input as message with data.lictor.team as team
}

denied_by_user(said) := decision if {
	decision := data.lictor.main.route with input as message
		with data.lictor.team as team
		with data.lictor.user as {"x": {"deny": {said}}}
		with data.lictor.stages as {"route": ["x"]}
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

said_by_user(rules) := decision if {
	decision := data.lictor.main.route with input as message
		with data.lictor.team as team
		with data.lictor.user as {"x": rules}
		with data.lictor.stages as {"route": ["x"]}
}

test_success_user_asks if {
	decision := said_by_user({"ask": {"is it Sunday?"}})
	decision.allow
	decision.asks == [{"code": "user.x", "reason": "is it Sunday?", "rule": "data.lictor.user.x.ask", "file": "", "line": 0}]
}

test_success_user_obliges if {
	decision := said_by_user({"oblige": {{"do": "redact", "classes": ["pii/email"]}}})
	decision.allow
	decision.obligations == [{"do": "redact", "classes": ["pii/email"]}]
}

test_success_user_quarantines if {
	some denial in said_by_user({"deny": {{"reason": "no", "outcome": "quarantine"}}}).denials
	denial.outcome == "quarantine"
}

test_success_user_rule_of_another_stage_is_not_asked if {
	decision := data.lictor.main.route with input as message
		with data.lictor.team as team
		with data.lictor.user as {"x": {"deny": {"no"}}}
		with data.lictor.stages as {"flow": ["x"]}
	decision.allow
}

test_fail_no_stage_allows_nothing_known if {
	not data.lictor.main.flow.allow with input as {}
	not data.lictor.main.content.allow with input as {}
	not data.lictor.main.behaviour.allow with input as {}
	not data.lictor.main.approve.allow with input as {}
}
