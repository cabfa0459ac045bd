"""The team document, and what the real rules make of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from definition_folder import plan_of

from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.runtime.definition.policy_data import otherwise

TEAM = """\
agents:
  triage:
    prompt: x
    delegates:
      - retriever
      - writer
    expose: [chat]
  retriever:
    prompt: x
    tools:
      - rag: docs
  writer: {prompt: x}
"""
FILES = {"docs/a.md": "# A"}


def test_every_fact_has_its_line(tmp_path: Path) -> None:
    def at(line: int) -> dict[str, Any]:
        return {"file": "team.yaml", "line": line}

    model, tool = "model-builtin-smollm2", "tool-retriever-docs"
    data = plan_of(tmp_path, TEAM, FILES).policy_data
    guards = {name: {**entry, "file": "", "line": 0} for name, entry in data["guards"].items()}
    assert guards == data["guards"]
    searching = guards | {"groundedness": {**guards["groundedness"], "mode": "warn"}}

    def agent(line: int, *delegates: str, at_line: int = 0, guards: dict[str, Any] = guards) -> dict[str, Any]:
        return {
            "delegates": list(delegates),
            "delegates_line": at_line,
            "clearance": "internal",
            "emits": [],
            "contract": False,
            "planner": False,
            "isolated": True,
            "guards": guards,
            "budget": {"tokens": 100_000, "messages": 100, "tool_calls": 50},
            **at(line),
        }

    marks = {"labels": [], "clearance": "secret"}
    permit: dict[str, Any] = {"allow": [], "plain": [], "ask": [], "deny": [], "calls": [], "labels": [], "refuse": []}
    assert data == {
        "principals": {
            "triage": {"role": "agent", **at(2)},
            "retriever": {"role": "agent", **at(8)},
            "writer": {"role": "agent", **at(12)},
            tool: {"role": "tool", **at(11)},
            model: {"role": "model", **at(2)},
        },
        "edges": {
            "triage": {
                "retriever": {"kind": "a2a", **at(5)},
                "writer": {"kind": "a2a", **at(6)},
                model: {"kind": "model", **at(2)},
            },
            "retriever": {tool: {"kind": "mcp", **at(11)}, model: {"kind": "model", **at(8)}},
            "writer": {model: {"kind": "model", **at(12)}},
        },
        "agents": {
            "triage": agent(2, "retriever", "writer", at_line=4),
            "retriever": agent(8, guards=searching),
            "writer": agent(12),
        },
        "permits": {
            "triage": {},
            "retriever": {tool: {**permit, "otherwise": "allow", **at(11)}},
            "writer": {},
        },
        "tools": {tool: {"kind": "rag", "remote": False, **marks, **at(11)}},
        "models": {model: {"name": "builtin/smollm2", "clearance": "secret", "remote": False, **at(2)}},
        "exposed": ["triage"],
        "guards": guards,
        "approvals": {"timeout": 600.0, "by": ["op-*"], "most": 20, "people": 1, "tools": [], "file": "", "line": 0},
        "features": [],
    }


EVERYTHING = """\
guards:
  pii: {mode: redact, kinds: [email]}
approvals: {timeout: 5m, by: [op-ana], tools: {send: {timeout: 1m}}}
agents:
  clerk:
    prompt: x
    clearance: secret
    emits: [internal]
    contract: {contract: 1, tools: {}}
    budget: {tokens: 1001, messages: 10, ask_at: 80%}
    hours: ["mon-fri 08:00-18:00"]
    tools:
      - mcp: https://crm.example/mcp
        labels: [customer]
        refuse: [secret, customer]
        clearance: public
        hours: {allow: ["sat 00:00-02:00"], zone: "+01:00"}
        permit:
          allow: [find, "send(to=*@example.com, n<=5)"]
"""


def test_everything_that_a_file_can_say_is_there(tmp_path: Path) -> None:
    data = plan_of(tmp_path, EVERYTHING).policy_data
    assert json.loads(json.dumps(data)) == data
    clerk, (tool, server) = data["agents"]["clerk"], next(iter(data["tools"].items()))
    assert (clerk["clearance"], clerk["emits"], clerk["contract"]) == ("secret", ["internal"], True)
    assert clerk["budget"]["ask"] == {"tokens": 801, "messages": 8, "tool_calls": 40}
    assert clerk["hours"] == {
        "windows": [{"days": [0, 1, 2, 3, 4], "start": 480, "end": 1080}],
        "text": "mon-fri 08:00-18:00",
        "file": "team.yaml",
        "line": 11,
    }
    pii = {"mode": "redact", "threshold": 0.5, "kinds": ["email"], "file": "team.yaml", "line": 2}
    assert clerk["guards"]["pii"] == data["guards"]["pii"] == pii
    assert (server["labels"], server["clearance"], server["remote"]) == (["customer", "untrusted"], "public", True)
    permit = data["permits"]["clerk"][tool]
    assert (permit["allow"], permit["plain"], permit["refuse"]) == (["find", "send"], ["find"], ["secret", "customer"])
    assert [window["days"] for window in permit["hours"]["windows"]] == [[4], [5]]
    assert permit["calls"] == [
        {
            "verdict": "allow",
            "tool": "send",
            "arguments": [
                {"path": ["to"], "sign": "=", "glob": "*@example.com", "pattern": r"(?s)\A.*@example\.com\z"},
                {"path": ["n"], "sign": "<=", "glob": "", "pattern": "", "value": 5},
            ],
            "text": "send(to=*@example.com, n<=5)",
            "file": "team.yaml",
            "line": 19,
        }
    ]
    assert data["approvals"]["tools"] == [
        {"tool": "send", "by": ["op-ana"], "timeout": 60.0, "people": 1, "file": "team.yaml", "line": 3}
    ]
    assert data["features"] == ["arguments", "budget", "hours"]


@pytest.mark.parametrize(
    ("changes", "denied", "asked"),
    [
        ({}, [], []),
        ({"arguments": {"to": "x@other.com", "n": 5}}, [], [19]),
        ({"arguments": {"to": "a@example.com", "n": 6}}, [], [19]),
        ({"now": {"weekday": 5, "minute": 60}}, [11, 17], []),
        ({"usage": {"tokens": 801, "messages": 0, "tool_calls": 0}}, [], [5]),
    ],
)
def test_the_rules_hold_what_the_file_says(
    tmp_path: Path, changes: dict[str, Any], denied: list[int], asked: list[int]
) -> None:
    plan = plan_of(tmp_path, EVERYTHING.replace("mon-fri 08:00-18:00", "sat 00:00-00:30"))
    decision = EmbeddedRego(load_bundle(plan.policy_data)).decide(
        "route",
        {
            "sender": "clerk",
            "target": plan.tools[0].principal,
            "kind": "mcp",
            "request_kind": "",
            "method": "tools/call",
            "tool": "send",
            "model": "",
            "read_only": False,
            "arguments": {"to": "a@example.com", "n": 5},
            "now": {"weekday": 5, "minute": 20},
            "usage": {"tokens": 0, "messages": 0, "tool_calls": 0},
            "conduct": 1.0,
            **changes,
        },
    )
    assert sorted(denial.line for denial in decision.denials) == denied
    assert sorted(question.line for question in decision.asks) == asked


@pytest.mark.parametrize(
    ("sender", "target", "kind", "line"),
    [
        ("triage", "writer", "a2a", None),
        ("triage", "model-builtin-smollm2", "model", None),
        ("ext-web", "triage", "a2a", None),
        ("op-cli", "writer", "a2a", None),
        ("writer", "retriever", "a2a", 12),
        ("writer", "tool-retriever-docs", "mcp", 12),
        ("ext-web", "writer", "a2a", 12),
        ("triage", "nobody", "a2a", 4),
    ],
)
def test_the_built_in_rules_decide_by_it(tmp_path: Path, sender: str, target: str, kind: str, line: int | None) -> None:
    engine = EmbeddedRego(load_bundle(plan_of(tmp_path, TEAM, FILES).policy_data))
    document = {
        "sender": sender,
        "target": target,
        "kind": kind,
        "request_kind": "",
        "method": "",
        "tool": "",
        "model": "",
    }
    decision = engine.decide("route", document)
    assert decision.allow == (line is None)
    if line is not None:
        assert ("team.yaml", line) in {(denial.file, denial.line) for denial in decision.denials}


def test_what_holds_for_tools_that_nobody_named() -> None:
    assert [otherwise(kind, explicit=False) for kind in ("python", "rag", "mcp-stdio", "mcp-http")] == [
        "allow",
        "allow",
        "read-only",
        "ask",
    ]
    assert {otherwise(kind, explicit=True) for kind in ("python", "rag", "mcp-stdio", "mcp-http")} == {"ask"}


def test_rules_about_what_a_team_does_not_use_are_left_out(tmp_path: Path) -> None:
    def loaded(text: str) -> set[str]:
        modules = load_bundle(plan_of(tmp_path, text, FILES).policy_data).modules
        return {name for name in ("arguments", "budget", "hours") if any(f"route/{name}/" in m.path for m in modules)}

    assert loaded(TEAM) == set()
    assert loaded(TEAM.replace("- rag: docs", "- {rag: docs, hours: '08:00-09:00'}")) == {"hours"}
    assert loaded(EVERYTHING) == {"arguments", "budget", "hours"}
