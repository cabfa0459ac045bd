"""Layer identify by itself; conversations are in tests/runtime/enforcer/test_mediation.py."""

import pytest

from lictor.guardrails.action import Action
from lictor.guardrails.identify import TASKLESS, Identify
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.protocols.envelope import Envelope
from lictor.protocols.identifiers import new_id
from lictor.protocols.subjects import Kind

NOW = 1_800_000_000.0


def judge(
    layer: Identify,
    sender: str = "op-cli",
    *,
    kind: Kind = Kind.A2A,
    method: str = "x",
    task: str = "t",
    at: float = NOW,
    now: float = NOW,
) -> str:
    envelope = Envelope(new_id(at), sender, "b", kind, b"", task=task)
    return layer.judge(envelope, Circumstances(now, Action(method))).code


def test_the_edges_of_the_window() -> None:
    layer = Identify(TaskLedger(), window=60.0, skew=5.0, since=NOW - 1000)
    assert judge(layer, at=NOW - 59.9) == ""
    assert judge(layer, at=NOW - 60.1) == "identify.stale"
    assert judge(layer, at=NOW + 4.9) == ""
    assert judge(layer, at=NOW + 5.1) == "identify.future"


def test_what_was_made_before_the_start() -> None:
    layer = Identify(TaskLedger(), since=NOW, skew=5.0)
    assert judge(layer, at=NOW - 4.9) == ""
    assert judge(layer, at=NOW - 5.1) == "identify.stale"


def test_a_flood_is_its_senders_own_trouble() -> None:
    layer = Identify(TaskLedger(), most=3)
    assert [judge(layer) for _ in range(4)] == ["", "", "", "identify.flooded"]
    assert judge(layer, "op-other", task="u") == ""


@pytest.mark.parametrize("method", sorted(TASKLESS))
def test_tool_servers_may_be_looked_at_outside_tasks(method: str) -> None:
    layer = Identify(TaskLedger())
    assert judge(layer, "agent", kind=Kind.MCP, method=method, task="") == ""
    assert judge(layer, "agent", kind=Kind.A2A, method=method, task="") == "identify.no_task"
    assert judge(layer, "agent", kind=Kind.MODEL, method=method, task="") == "identify.no_task"


def test_calls_belong_to_tasks() -> None:
    layer = Identify(TaskLedger())
    assert judge(layer, "agent", kind=Kind.MCP, method="tools/call", task="") == "identify.no_task"
    assert judge(layer, "agent", kind=Kind.EVENT, task="") == ""
    assert judge(layer, "agent", kind=Kind.EVENT) == "identify.foreign_task"


@pytest.mark.parametrize("sender", ["agent", "tool-x", "model-x", "operator", "external", "op", "ext"])
def test_who_may_not_start_a_task(sender: str) -> None:
    assert judge(Identify(TaskLedger()), sender) == "identify.foreign_task"
