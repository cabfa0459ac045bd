package lictor.rules.behaviour.notice_test

import rego.v1

call(signals) := {
	"sender": "ext-web", "target": "tool-crm", "kind": "mcp", "tool": "close",
	"read_only": false, "conduct": 1, "signals": signals,
}

warned(signals, team) := {obligation.code |
	some obligation in data.lictor.rules.behaviour.notice.oblige with input as call(signals) with data.lictor.team as team
}

denied(signals, team) := {denial.outcome |
	some denial in data.lictor.rules.behaviour.notice.deny with input as call(signals) with data.lictor.team as team
}

asked(document) := number if {
	number := count(data.lictor.rules.behaviour.notice.ask) with input as document with data.lictor.team as {}
}

test_success_little_is_no_notice if {
	warned({}, {}) == set()
	warned({"burn": 0.8, "novelty": 0.75, "drift": 0.5, "extraction": 0.6}, {}) == set()
}

test_success_much_is_only_a_notice if {
	warned({"burn": 0.9, "novelty": 0.8, "drift": 0.8, "extraction": 0.7}, {}) == {
		"behaviour.burn",
		"behaviour.novelty",
		"behaviour.drift",
		"behaviour.extraction",
	}
	denied({"burn": 1, "novelty": 1, "drift": 1, "extraction": 1}, {}) == set()
}

test_success_off if warned({"drift": 1}, {"guards": {"drift": "off"}}) == set()

test_success_own_limit if warned({"extraction": 0.5}, {"guards": {"extraction": {"share": 0.5}}}) == {"behaviour.extraction"}

test_fail_extraction_when_it_is_to_be_blocked if {
	denied({"extraction": 0.8}, {"guards": {"extraction": "block"}}) == {"deny"}
	denied({"extraction": 0.8}, {"guards": {"extraction": "quarantine"}}) == {"quarantine"}
	denied({"extraction": 0.6}, {"guards": {"extraction": "block"}}) == set()
}

test_fail_a_failed_detector_is_asked_about if {
	asked(call({"suspicious": 1})) == 1
	warned({"suspicious": 1}, {}) == {"behaviour.suspicious"}
}

test_success_a_failed_detector_stops_no_reading if {
	asked(object.union(call({"suspicious": 1}), {"read_only": true})) == 0
	asked(object.union(call({"suspicious": 1}), {"tool": ""})) == 0
	asked(call({})) == 0
}
