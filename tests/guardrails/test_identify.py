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
    task: str | None = None,
    at: float = NOW,
    now: float = NOW,
) -> str:
    envelope = Envelope(new_id(at), sender, "b", kind, b"", task=new_id(now) if task is None else task)
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
    assert judge(layer, "op-other") == ""


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


def test_a_task_is_started_with_a_fresh_id() -> None:
    ledger = TaskLedger()
    layer = Identify(ledger, window=60.0, skew=5.0, since=NOW - 30)
    assert judge(layer, task="t") == "identify.stale_task"
    assert judge(layer, task=new_id(NOW - 61)) == "identify.stale_task"
    assert judge(layer, task=new_id(NOW - 36)) == "identify.stale_task", "it may be a task of this one's predecessor"
    assert judge(layer, task=new_id(NOW + 6)) == "identify.stale_task"
    going_on = new_id(NOW - 34)
    assert judge(layer, task=going_on) == ""
    assert judge(layer, task=going_on, at=NOW + 3600, now=NOW + 3600) == "", "it is known, however old"
    assert judge(layer, "ext-b", task=going_on) == "identify.foreign_task"


def test_a_forgotten_task_cannot_be_taken_over() -> None:
    layer = Identify(TaskLedger(most=1), since=NOW)
    old = new_id(NOW)
    assert judge(layer, task=old) == ""
    assert judge(layer, "op-other", at=NOW + 100, now=NOW + 100) == ""
    assert judge(layer, "ext-b", task=old, at=NOW + 100, now=NOW + 100) == "identify.stale_task"
