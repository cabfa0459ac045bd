package lictor.rules.route.permit_test

import rego.v1

team_with(otherwise) := {"permits": {"triage": {"tool-crm": {
	"allow": ["crm_find_*", "crm_delete_draft"],
	"ask": ["crm_export", "crm_find_secret"],
	"deny": ["crm_delete_*"],
	"otherwise": otherwise,
	"file": "desk.yaml",
	"line": 12,
}}}}

call(tool) := {
	"sender": "triage", "target": "tool-crm", "kind": "mcp", "request_kind": "",
	"method": "tools/call", "tool": tool, "model": "", "read_only": false,
}

denied_otherwise(document, otherwise) := denials if {
	denials := data.lictor.rules.route.permit.deny with input as document with data.lictor.team as team_with(otherwise)
}

denied(document) := denied_otherwise(document, "ask")

reason(document, otherwise) := denial.reason if some denial in denied_otherwise(document, otherwise)

asked(document, otherwise) := question.reason if {
	count(denied_otherwise(document, otherwise)) == 0
	some question in data.lictor.rules.route.permit.ask with input as document with data.lictor.team as team_with(otherwise)
	question.code == "route.tool_asks"
	question.line == 12
}

test_success_allowed if count(denied(call("crm_find_ticket"))) == 0

test_success_list if count(denied(object.union(call(""), {"method": "tools/list"}))) == 0

test_success_other_kind if count(denied(object.union(call("crm_export"), {"kind": "a2a"}))) == 0

test_success_otherwise_allow if count(denied_otherwise(call("other"), "allow")) == 0

test_success_read_only if count(denied_otherwise(object.union(call("other"), {"read_only": true}), "read-only")) == 0

test_fail_deny_beats_allow if {
	some denial in denied(call("crm_delete_draft"))
	denial.reason == "triage may not call crm_delete_draft of tool-crm: its permit denies it"
	denial.code == "route.tool_not_permitted"
	denial.file == "desk.yaml"
	denial.line == 12
}

test_fail_deny_beats_otherwise if {
	count(denied_otherwise(call("crm_delete_all"), "allow")) == 1
	count(denied_otherwise(object.union(call("crm_delete_all"), {"read_only": true}), "read-only")) == 1
}

test_success_ask_beats_allow if {
	asked(call("crm_find_secret"), "allow") == "triage calls crm_find_secret of tool-crm, and its permit asks for an approval"
}

test_success_ask if asked(call("crm_export"), "allow")

test_success_otherwise_ask if {
	asked(call("other"), "ask") == "triage calls other of tool-crm, and its permit does not name it"
}

test_fail_deny_is_not_asked if not asked(call("crm_delete_all"), "ask")

test_fail_allowed_is_not_asked if {
	count(denied(call("crm_find_ticket"))) == 0
	not asked(call("crm_find_ticket"), "ask")
}

test_fail_otherwise_deny if {
	reason(call("other"), "deny") == "triage may not call other of tool-crm: its permit does not allow it"
}

test_fail_otherwise_unknown_word if count(denied_otherwise(call("other"), "whatever")) == 1

test_success_not_read_only_asks if {
	asked(call("other"), "read-only") == "triage calls other of tool-crm, and its server does not say that it only reads"
}

test_success_read_only_missing_or_odd_asks if {
	asked(object.remove(call("other"), ["read_only"]), "read-only")
	asked(object.union(call("other"), {"read_only": "yes"}), "read-only")
}

test_fail_empty_name if {
	every otherwise in ["allow", "read-only", "ask", "deny"] {
		reason(call(""), otherwise) == "triage may not call  of tool-crm: it names no tool"
	}
}

test_fail_globs_cross_dots_and_slashes if {
	every tool in ["crm_delete_.x", "crm_delete_a.b", "crm_delete_a/b", "crm_delete_a b", "crm_delete_a\nb"] {
		count(denied_otherwise(call(tool), "allow")) == 1
	}
}

test_success_the_enforcer_itself_is_not_judged_here if {
	count(denied(object.union(call("policy.show"), {"sender": "op-cli", "target": "enforcer"}))) == 0
}

test_fail_no_permit if {
	some denial in denied(object.union(call("x"), {"sender": "writer"}))
	denial.reason == "writer may not call x: it has no permit for tool-crm"
}

test_fail_other_method if {
	some denial in denied(object.union(call(""), {"method": "resources/read"}))
	denial.code == "route.method_not_permitted"
	denial.reason == "triage may not call method resources/read of tool-crm"
}
