package lictor.rules.approve.own_test

import rego.v1

denied(approver, sender) := denials if {
	denials := data.lictor.rules.approve.own.deny with input as {"approver": approver, "held": {"sender": sender}}
}

test_success_another if count(denied("op-cli", "triage")) == 0

test_fail_own if {
	some denial in denied("op-cli", "op-cli")
	denial.code == "approve.own"
	denial.reason == "op-cli may not approve its own request"
}
