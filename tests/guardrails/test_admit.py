"""Layer admit by itself; conversations are in tests/runtime/enforcer/test_mediation.py."""

from lictor.guardrails.action import Action
from lictor.guardrails.admit import Admit, AdmitLimits, TaskBudget
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

NOW = 1_800_000_000.0


def message(sender: str = "a", task: str = "", deadline: float = 0.0) -> Envelope:
    return Envelope("0" * 32, sender, "b", Kind.A2A, b"", task=task, deadline=deadline)


def code(layer: Admit, envelope: Envelope, now: float = NOW) -> str:
    return layer.judge(envelope, Circumstances(now, Action())).code


def test_deadlines() -> None:
    layer = Admit(TaskLedger(), AdmitLimits())
    assert code(layer, message(deadline=NOW + 0.001)) == ""
    assert code(layer, message(deadline=NOW)) == "admit.late"


def test_a_bucket_fills_with_time_and_never_over() -> None:
    layer = Admit(TaskLedger(), AdmitLimits(rate=2, period=1.0))
    assert [code(layer, message()) for _ in range(3)] == ["", "", "admit.rate"]
    assert code(layer, message(), NOW + 0.4) == "admit.rate"
    assert code(layer, message(), NOW + 0.6) == ""
    assert [code(layer, message(), NOW + 100) for _ in range(3)] == ["", "", "admit.rate"]


def test_a_clock_that_goes_back_gives_nothing() -> None:
    layer = Admit(TaskLedger(), AdmitLimits(rate=1, period=1.0))
    assert code(layer, message()) == ""
    assert code(layer, message(), NOW - 1000) == "admit.rate"
    assert code(layer, message(), NOW - 999.5) == "admit.rate"


def test_answers_are_not_rated() -> None:
    layer = Admit(TaskLedger(), AdmitLimits(rate=1))
    answer = Envelope("0" * 32, "a", "b", Kind.REPLY, b"")
    circumstances = Circumstances(NOW, Action(tokens=3), message("b", "t"))
    assert [layer.judge(answer, circumstances).code for _ in range(3)] == ["", "", ""]


def test_who_has_no_budget_has_no_limit() -> None:
    ledger = TaskLedger()
    ledger.joins("t", "op-cli", starts=True, now=NOW)
    layer = Admit(ledger, AdmitLimits(rate=1000, budgets={"a": TaskBudget(messages=1)}))
    assert [code(layer, message("op-cli", "t")) for _ in range(5)] == [""] * 5
    assert [code(layer, message("a", "t")) for _ in range(2)] == ["", "admit.budget_messages"]
