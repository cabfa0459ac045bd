package lictor.rules.content.settings_test

import rego.v1

import data.lictor.rules.content.settings

team := {
	"guards": {"secrets": {"mode": "block", "threshold": 0.5, "file": "lictor.yaml", "line": 3}, "pii": "redact", "toxicity": false},
	"agents": {
		"writer": {"guards": {"secrets": {"mode": "redact", "threshold": 0.9}}},
		"reader": {"guards": {}},
		"odd": {"guards": "off"},
	},
}

found(guard, class, sender, target, findings) := modes if {
	modes := settings.modes(guard, class, "block", 0.5) with data.lictor.team as team
		with input as {"sender": sender, "target": target, "findings": findings}
}

test_success_agents_setting_over_the_teams if {
	found("secrets", "secret", "writer", "tool-x", {"secret/keyword": 0.9}) == {"redact"}
	found("secrets", "secret", "writer", "tool-x", {"secret/keyword": 0.8}) == set()
}

test_success_both_concerned_count if {
	found("secrets", "secret", "writer", "reader", {"secret/keyword": 0.9}) == {"redact", "block"}
}

test_success_teams_setting_for_others if {
	found("secrets", "secret", "op-cli", "ext-shop", {"secret/keyword": 0.6}) == {"block"}
	found("pii", "pii", "op-cli", "reader", {"pii/email": 1}) == {"redact"}
	found("toxicity", "toxicity", "op-cli", "reader", {"toxicity": 1}) == {"off"}
}

test_success_a_slip_turns_nothing_off if {
	found("secrets", "secret", "odd", "tool-x", {"secret/keyword": 0.6}) == {"block"}
}

test_success_default_without_a_team if {
	modes := settings.modes("secrets", "secret", "block", 0.5) with data.lictor.team as {}
		with input as {"sender": "a", "target": "b", "findings": {"secret/keyword": 0.6}}
	modes == {"block"}
}

test_success_only_the_kinds_that_count if {
	limited := {"agents": {"a": {"guards": {"pii": {"mode": "redact", "kinds": ["email"]}}}}}
	settings.modes("pii", "pii", "warn", 0.5) == {"redact"} with data.lictor.team as limited
		with input as {"sender": "a", "target": "b", "findings": {"pii/email": 1}}
	settings.modes("pii", "pii", "warn", 0.5) == set() with data.lictor.team as limited
		with input as {"sender": "a", "target": "b", "findings": {"pii/card": 1}}
}

test_fail_classes_of_other_guards if {
	found("secrets", "secret", "reader", "x", {"secretive/keyword": 1, "pii/email": 1}) == set()
}

test_fail_scores_that_are_no_numbers if {
	found("secrets", "secret", "reader", "x", {"secret/keyword": "1"}) == set()
}
