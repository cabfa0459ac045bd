"""What decides before any layer is asked; the rest is in test_mediation.py and test_holding.py."""

from lictor.guardrails.action import Action
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.verdict import Outcome
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
