package lictor.rules.behaviour.limits_test

import rego.v1

team := {
	"guards": {"repetition": {"max": 7, "near": "many"}, "loops": "warn", "bursts": false, "file": "t.yaml"},
	"agents": {"busy": {"guards": {"repetition": {"max": 40, "file": "t.yaml", "line": 3}, "loops": "quarantine"}}},
}

test_success_agent_over_team if {
	data.lictor.rules.behaviour.limits.limit("repetition", "max", 5) == 40 with input as {"sender": "busy"}
		with data.lictor.team as team
}

test_success_team_over_default if {
	data.lictor.rules.behaviour.limits.limit("repetition", "max", 5) == 7 with input as {"sender": "other"}
		with data.lictor.team as team
}

test_success_default_without_a_team if {
	data.lictor.rules.behaviour.limits.limit("repetition", "max", 5) == 5 with input as {"sender": "other"}
		with data.lictor.team as {}
	data.lictor.rules.behaviour.limits.limit("repetition", "max", 5) == 5 with input as {} with data.lictor.team as {}
}

test_fail_odd_limits_are_not_set if {
	data.lictor.rules.behaviour.limits.limit("repetition", "near", 6) == 6 with input as {"sender": "other"}
		with data.lictor.team as team
	every odd in [0, -1, null, "9", [9], true] {
		data.lictor.rules.behaviour.limits.limit("repetition", "max", 5) == 5 with input as {"sender": "other"}
			with data.lictor.team as {"guards": {"repetition": {"max": odd}}}
	}
	every odd in [0, null, [], true, "max"] {
		data.lictor.rules.behaviour.limits.limit("repetition", "max", 5) == 5 with input as {"sender": "other"}
			with data.lictor.team as {"guards": {"repetition": odd}}
	}
	every odd in [0, null, [], true, "max"] {
		data.lictor.rules.behaviour.limits.limit("repetition", "max", 5) == 5 with input as {"sender": "other"}
			with data.lictor.team as {"guards": odd}
	}
}

test_success_modes if {
	data.lictor.rules.behaviour.limits.mode("loops", "block") == "warn" with input as {"sender": "other"}
		with data.lictor.team as team
	data.lictor.rules.behaviour.limits.mode("loops", "block") == "quarantine" with input as {"sender": "busy"}
		with data.lictor.team as team
	data.lictor.rules.behaviour.limits.mode("bursts", "block") == "off" with input as {"sender": "busy"}
		with data.lictor.team as team
}

test_fail_a_slip_turns_nothing_off if {
	every odd in ["of", "none", "no", "OFF", ""] {
		data.lictor.rules.behaviour.limits.mode("loops", "block") == "block" with input as {"sender": "other"}
			with data.lictor.team as {"guards": {"loops": odd}}
	}
}

test_fail_consequences if {
	every value, outcome in {"6": "deny", "15": "deny", "16": "quarantine"} {
		data.lictor.rules.behaviour.limits.consequence("loops", to_number(value), 5) == outcome with input as {}
			with data.lictor.team as {}
	}
	data.lictor.rules.behaviour.limits.consequence("loops", 6, 5) == "quarantine" with input as {"sender": "busy"}
		with data.lictor.team as team
}

test_success_no_consequence if {
	not data.lictor.rules.behaviour.limits.consequence("loops", 5, 5) with input as {} with data.lictor.team as {}
	not data.lictor.rules.behaviour.limits.consequence("bursts", 99, 5) with input as {} with data.lictor.team as team
}

test_success_warning if {
	data.lictor.rules.behaviour.limits.consequence("loops", 60, 5) == "warn" with input as {"sender": "other"}
		with data.lictor.team as team
}

test_success_place if {
	denial := data.lictor.rules.behaviour.limits.denial("repetition", "loop", "loop", "goes round", "deny") with input as {"sender": "busy"}
		with data.lictor.team as team
	denial == {
		"code": "behaviour.loop",
		"reason": "busy goes round",
		"rule": "data.lictor.rules.behaviour.loop.deny",
		"file": "t.yaml",
		"line": 3,
		"outcome": "deny",
	}
}
