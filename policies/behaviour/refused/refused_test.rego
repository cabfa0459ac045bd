package lictor.rules.behaviour.refused_test

import rego.v1

outcomes(team, signals) := {denial.outcome |
	some denial in data.lictor.rules.behaviour.refused.deny with input as {"sender": "triage", "signals": signals}
		with data.lictor.team as team
}

warned(team, signals) := codes if {
	codes := data.lictor.rules.behaviour.refused.oblige with input as {"sender": "triage", "signals": signals}
		with data.lictor.team as team
}

test_success_a_few if {
	outcomes({}, {}) == set()
	outcomes({}, {"refusals": 10}) == set()
	warned({}, {"refusals": 5}) == set()
}

test_success_warning if warned({}, {"refusals": 6}) == {{"do": "warn", "code": "behaviour.refusals"}}

test_fail_keeps_trying if outcomes({}, {"refusals": 12}) == {"quarantine"}

test_fail_own_limit if outcomes({"guards": {"refusals": {"max": 8}}}, {"refusals": 8}) == {"quarantine"}

test_success_off if {
	outcomes({"guards": {"refusals": "off"}}, {"refusals": 60}) == set()
	warned({"guards": {"refusals": "off"}}, {"refusals": 60}) == set()
}

test_success_warn_only if {
	outcomes({"guards": {"refusals": "warn"}}, {"refusals": 60}) == set()
	count(warned({"guards": {"refusals": "warn"}}, {"refusals": 60})) == 1
}
