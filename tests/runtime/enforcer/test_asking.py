"""What decides before any layer is asked; the rest is in test_mediation.py and test_holding.py."""

import pytest

from lictor.guardrails.action import Action
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.verdict import Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.asking import Asking
from lictor.runtime.enforcer.gate import Gate
from lictor.runtime.enforcer.pending import PendingTable
from lictor.runtime.enforcer.turn import Turn

ENVELOPE = Envelope("0" * 32, "a", "b", Kind.A2A, b"{}")
ABOUT = Circumstances(1.0, Action())


def test_while_the_record_takes_nothing_nothing_passes() -> None:
    asking = Asking("enforcer", [], PendingTable(), Gate(), None)
    judgement = asking.judge(ENVELOPE, ABOUT, None, Turn(1.0, "no recorder is running"))
    assert (judgement.outcome, judgement.deciding.code) == (Outcome.DENY, "record.unavailable")


def test_who_has_too_much_open_is_denied() -> None:
    pending = PendingTable(1)
    pending.keep("token", ENVELOPE, "SendMessage", 1.0)
    judgement = Asking("enforcer", [], pending, Gate(), None).judge(ENVELOPE, ABOUT, None, Turn(1.0))
    assert judgement.deciding.code == "admit.unanswered"


def test_without_layers_nothing_passes() -> None:
    judgement = Asking("enforcer", [], PendingTable(), Gate(), None).judge(ENVELOPE, ABOUT, None, Turn(1.0))
    assert judgement.deciding.code == "pipeline.empty"


class Redirecting:
    """Sends whatever comes to one model on to another, and denies what is for a third."""

    name = "route"

    def __init__(self, onward: dict[str, tuple[str, ...]]) -> None:
        self._onward = onward

    def judge(self, envelope: Envelope, _about: Circumstances) -> Verdict:
        if envelope.target == "model-closed":
            return Verdict("route", Outcome.DENY, "route.no_edge", "no such edge")
        models = self._onward.get(envelope.target, ())
        return Verdict("route", Outcome.ALLOW, obligations=tuple(f"model:{name}" for name in models))


@pytest.mark.parametrize(
    ("onward", "target", "code"),
    [
        ({}, "model-a", ""),
        ({"model-a": ("model-b",)}, "model-b", ""),
        ({"model-a": ("model-b",), "model-b": ("model-b",)}, "model-b", ""),
        ({"model-a": ("model-closed",)}, "model-closed", "route.no_edge"),
        ({"model-a": ("model-b", "model-c")}, "model-a", "fulfil.model"),
        ({"model-a": ("writer",)}, "model-a", "fulfil.model"),
        ({"model-a": ("model-b",), "model-b": ("model-a",)}, "model-b", "fulfil.model"),
    ],
)
def test_another_model_is_judged_too(onward: dict[str, tuple[str, ...]], target: str, code: str) -> None:
    asking = Asking("enforcer", [Redirecting(onward)], PendingTable(), Gate(), None)
    envelope = Envelope("0" * 32, "a", "model-a", Kind.MODEL, b"{}")
    judgement = asking.judge(envelope, ABOUT, None, Turn(1.0))
    moved, judgement = asking.redirect(envelope, ABOUT, judgement)
    assert (moved.target, judgement.deciding.code) == (target, code)
    assert judgement.passes == (not code)
