package lictor.rules.content.suspicious_test

import rego.v1

import data.lictor.rules.content.suspicious

call(read_only, score) := {
	"sender": "writer",
	"target": "tool-mail",
	"tool": "send",
	"read_only": read_only,
	"findings": {"suspicious": score},
}

test_success_a_person_is_asked_before_an_effect if {
	some question in suspicious.ask with input as call(false, 1)
	question.code == "content.suspicious"
}

test_success_reading_goes_on if {
	count(suspicious.ask) == 0 with input as call(true, 1)
	suspicious.oblige == {{"do": "warn", "code": "content.suspicious"}} with input as call(true, 1)
}

test_success_nothing_without_suspicion if {
	count(suspicious.ask) == 0 with input as call(false, 0.2)
	count(suspicious.oblige) == 0 with input as {"sender": "a", "target": "b", "tool": "", "findings": {}}
}
