package lictor.rules.behaviour.loop_test

import rego.v1

message(kind, tool, signals) := {
	"sender": "triage", "target": "other", "kind": kind, "tool": tool,
	"read_only": false, "conduct": 1, "signals": signals,
}

denied_by(team, document) := denials if {
	denials := data.lictor.rules.behaviour.loop.deny with input as document with data.lictor.team as team
}

codes(kind, tool, signals) := {denial.code: denial.outcome | some denial in denied_by({}, message(kind, tool, signals))}

test_success_nothing if codes("mcp", "find", {}) == {}

test_success_within_limits if {
	codes("mcp", "find", {"repeated_call": 5, "near_call": 6, "stale": 8, "cycle": 2, "ping_pong": 6}) == {}
}

test_fail_repeated_call if codes("mcp", "find", {"repeated_call": 6}) == {"behaviour.loop": "deny"}

test_fail_repeated_call_goes_on if codes("mcp", "find", {"repeated_call": 16}) == {"behaviour.loop": "quarantine"}

test_success_polls_are_patient if {
	every tool in ["get_job_status", "poll_export", "Wait", "GET_PROGRESS"] {
		codes("mcp", tool, {"repeated_call": 15, "cycle": 6}) == {}
	}
}

test_fail_polls_end_too if codes("mcp", "get_job_status", {"repeated_call": 16}) == {"behaviour.loop": "deny"}

test_success_own_polls if {
	denied_by({"guards": {"repetition": {"polls": ["find"]}}}, message("mcp", "find", {"repeated_call": 15})) == set()
}

test_fail_own_polls_replace if {
	count(denied_by({"guards": {"repetition": {"polls": []}}}, message("mcp", "get_status", {"repeated_call": 6}))) == 1
}

test_success_models_are_patient if codes("model", "", {"repeated_call": 15}) == {}

test_fail_models_end_too if codes("model", "", {"repeated_call": 16}) == {"behaviour.loop": "deny"}

test_fail_near_call if codes("mcp", "find", {"near_call": 7}) == {"behaviour.near_loop": "deny"}

test_fail_stale if codes("mcp", "find", {"stale": 9}) == {"behaviour.stale": "deny"}

test_fail_cycle if codes("a2a", "", {"cycle": 3}) == {"behaviour.cycle": "deny"}

test_fail_cycle_goes_on if codes("a2a", "", {"cycle": 7}) == {"behaviour.cycle": "quarantine"}

test_fail_ping_pong if codes("a2a", "", {"ping_pong": 7}) == {"behaviour.ping_pong": "deny"}

test_fail_all_at_once if {
	count(codes("mcp", "find", {"repeated_call": 9, "near_call": 9, "stale": 9, "cycle": 4, "ping_pong": 9})) == 5
}

test_success_odd_signals if {
	every odd in ["9", null, [9], {"count": 9}, true] {
		codes("mcp", "find", {"repeated_call": odd, "cycle": odd}) == {}
	}
}

test_fail_agents_own_limit if {
	team := {"guards": {"repetition": {"max": 9}}, "agents": {"triage": {"guards": {"repetition": {"max": 2, "file": "t.yaml", "line": 4}}}}}
	some denial in denied_by(team, message("mcp", "find", {"repeated_call": 3}))
	denial.file == "t.yaml"
	denial.line == 4
	denial.reason == "triage made the same call 3 times and learnt nothing new from it: wait longer each time, or do something else"
}

test_success_off if denied_by({"guards": {"repetition": "off"}}, message("mcp", "find", {"repeated_call": 60})) == set()

test_success_warn if {
	team := {"guards": {"loops": "warn"}}
	denied_by(team, message("mcp", "find", {"cycle": 9})) == set()
	data.lictor.rules.behaviour.loop.oblige == {{"do": "warn", "code": "behaviour.cycle"}} with input as message("mcp", "find", {"cycle": 9})
		with data.lictor.team as team
}
