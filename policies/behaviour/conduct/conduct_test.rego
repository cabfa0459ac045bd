package lictor.rules.behaviour.conduct_test

import rego.v1

call(conduct) := {
	"sender": "triage", "target": "tool-crm", "kind": "mcp", "tool": "close",
	"read_only": false, "conduct": conduct, "signals": {},
}

denied(document, team) := number if {
	number := count(data.lictor.rules.behaviour.conduct.deny) with input as document with data.lictor.team as team
}

asked(document, team) := number if {
	number := count(data.lictor.rules.behaviour.conduct.ask) with input as document with data.lictor.team as team
}

test_success_good_conduct if {
	every score in [1, 0.95, 0.5, 0.45] {
		denied(call(score), {}) == 0
		asked(call(score), {}) == 0
	}
}

test_fail_low_conduct_is_asked if {
	every score in [0.4, 0.2, 0] { asked(call(score), {}) == 1 }
}

test_success_low_conduct_may_read_and_talk if {
	asked(object.union(call(0.4), {"read_only": true}), {}) == 0
	asked(object.union(call(0.4), {"kind": "a2a", "tool": ""}), {}) == 0
	denied(object.union(call(0.4), {"kind": "a2a", "tool": ""}), {}) == 0
}

test_fail_lowest_conduct_is_denied if {
	every score in [0.15, 0.1, 0] {
		denied(call(score), {}) == 1
		denied(object.union(call(score), {"kind": "a2a", "tool": ""}), {}) == 1
	}
}

test_success_answers_always_pass if {
	denied(object.union(call(0), {"kind": "reply", "tool": ""}), {}) == 0
	asked(object.union(call(0), {"kind": "reply", "tool": ""}), {}) == 0
}

test_fail_own_limits if {
	denied(call(0.5), {"guards": {"conduct": {"deny": 0.5}}}) == 1
	asked(call(0.8), {"agents": {"triage": {"guards": {"conduct": {"ask": 0.8}}}}}) == 1
}

test_success_off_and_warn if {
	denied(call(0), {"guards": {"conduct": "off"}}) == 0
	denied(call(0), {"guards": {"conduct": "warn"}}) == 0
	asked(call(0), {"guards": {"conduct": "warn"}}) == 0
	warned := data.lictor.rules.behaviour.conduct.oblige with input as call(0)
		with data.lictor.team as {"guards": {"conduct": "warn"}}
	warned == {{"do": "warn", "code": "behaviour.conduct"}}
}
