package lictor.rules.behaviour.crowd_test

import rego.v1

codes(team, signals) := {denial.code: denial.outcome |
	some denial in data.lictor.rules.behaviour.crowd.deny with input as {"sender": "triage", "signals": signals}
		with data.lictor.team as team
}

test_success_legitimate_sizes if codes({}, {"fan_out": 32, "storm": 192, "burst": 256}) == {}

test_fail_fan_out if codes({}, {"fan_out": 36}) == {"behaviour.fan_out": "deny"}

test_fail_fan_out_goes_on if codes({}, {"fan_out": 128}) == {"behaviour.fan_out": "quarantine"}

test_fail_storm_is_never_worse_than_a_denial if {
	codes({}, {"storm": 1024}) == {"behaviour.storm": "deny"}
	codes({"guards": {"bursts": "quarantine"}}, {"storm": 224}) == {"behaviour.storm": "deny"}
}

test_fail_burst if codes({}, {"burst": 288}) == {"behaviour.burst": "deny"}

test_fail_own_limits if {
	codes({"guards": {"bursts": {"open": 16}}}, {"fan_out": 24}) == {"behaviour.fan_out": "deny"}
	codes({"agents": {"triage": {"guards": {"bursts": {"open": 16}}}}}, {"fan_out": 24}) == {"behaviour.fan_out": "deny"}
}

test_success_own_limits if codes({"guards": {"bursts": {"open": 500}}}, {"fan_out": 384}) == {}

test_success_off if codes({"guards": {"bursts": "off"}}, {"fan_out": 1024, "storm": 1024, "burst": 1024}) == {}

test_success_warn if {
	codes({"guards": {"bursts": "warn"}}, {"storm": 1024}) == {}
	data.lictor.rules.behaviour.crowd.oblige == {{"do": "warn", "code": "behaviour.storm"}} with input as {"sender": "triage", "signals": {"storm": 1024}}
		with data.lictor.team as {"guards": {"bursts": "warn"}}
}
