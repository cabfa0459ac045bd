package lictor.rules.flow.models_test

import rego.v1

team := {
	"models": {
		"model-cloud": {"clearance": "internal", "remote": true, "file": "desk.yaml", "line": 4},
		"model-small": {"clearance": "secret", "remote": false, "file": "desk.yaml", "line": 7},
		"model-big": {"clearance": "secret", "remote": false, "file": "desk.yaml", "line": 9},
	},
	"principals": {"model-plain": {"role": "model"}},
	"edges": {
		"writer": {"model-cloud": {"kind": "model"}, "model-small": {"kind": "model"}, "model-big": {"kind": "model"}, "triage": {"kind": "a2a"}},
		"poet": {"model-cloud": {"kind": "model"}},
	},
}

question(sender, model, labels) := {
	"sender": sender, "target": model, "kind": "model",
	"labels": object.union({"level": "internal", "untrusted": false, "tags": [], "sources": []}, labels),
}

denied(document) := denials if {
	denials := data.lictor.rules.flow.models.deny with input as document with data.lictor.team as team
}

obliged(document) := obligations if {
	obligations := data.lictor.rules.flow.models.oblige with input as document with data.lictor.team as team
}

test_success_cleared if {
	count(denied(question("writer", "model-cloud", {}))) == 0
	count(obliged(question("writer", "model-cloud", {}))) == 0
}

test_success_secret_stays_here if {
	count(denied(question("writer", "model-small", {"level": "secret"}))) == 0
	count(obliged(question("writer", "model-small", {"level": "secret"}))) == 0
}

test_success_another_model_instead if {
	count(denied(question("writer", "model-cloud", {"level": "secret"}))) == 0
	obliged(question("writer", "model-cloud", {"level": "secret"})) == {{"do": "model", "model": "model-big"}}
}

test_success_other_kind if count(denied(object.union(question("poet", "writer", {"level": "secret"}), {"kind": "a2a"}))) == 0

test_success_internal_is_the_default if {
	count(denied(question("writer", "model-plain", {}))) == 0
	count(denied(question("poet", "model-plain", {"level": "secret"}))) == 1
}

test_fail_no_other_model if {
	some denial in denied(question("poet", "model-cloud", {"level": "secret"}))
	denial.code == "flow.model_clearance"
	denial.reason == "model-cloud may not read what is secret, and poet has no model that may"
	denial.line == 4
	count(obliged(question("poet", "model-cloud", {"level": "secret"}))) == 0
}

test_fail_unknown_model if count(denied(question("nobody", "model-none", {"level": "public"}))) == 1

test_fail_unknown_labels_leave if count(denied(question("poet", "model-cloud", {"tags": ["*"]}))) == 1
