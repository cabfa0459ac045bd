"""The team document, and what the real rules make of it."""

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
    assert plan_of(tmp_path, TEAM, FILES).policy_data == {
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
            "triage": {"delegates": ["retriever", "writer"], "delegates_line": 4, **at(2)},
            "retriever": {"delegates": [], "delegates_line": 0, **at(8)},
            "writer": {"delegates": [], "delegates_line": 0, **at(12)},
        },
        "permits": {
            "triage": {},
            "retriever": {tool: {"allow": [], "ask": [], "deny": [], "otherwise": "allow", **at(11)}},
            "writer": {},
        },
        "exposed": ["triage"],
    }


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
    decision = engine.decide(document)
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
