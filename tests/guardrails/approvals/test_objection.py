"""The approvals' own verdict beside the layers'."""

import pytest

from lictor.guardrails.action import Action
from lictor.guardrails.approvals.held import Waiting
from lictor.guardrails.approvals.objection import LAYER, agreed, objected, require_holdable
from lictor.guardrails.approvals.table import NotHeld
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

WHY = Verdict("route", Outcome.HOLD, "route.tool_asks", "its permit asks", "rule", "desk.yaml", 6)
HELD = Judgement(Outcome.HOLD, (WHY,), WHY, (1.0,))


def test_an_objection_denies_and_points_to_the_rule_that_asked() -> None:
    judgement = objected(HELD, "approval.expired", "nobody answered")
    assert judgement.outcome is Outcome.DENY
    assert (judgement.deciding.layer, judgement.deciding.file, judgement.deciding.line) == (LAYER, "desk.yaml", 6)
    assert len(judgement.verdicts) == len(judgement.costs_us) == 2


def test_an_approval_lifts_no_denial() -> None:
    assert agreed(objected(HELD, "x", "y"), "op-cli approved it").outcome is Outcome.DENY
    assert agreed(HELD, "op-cli approved it").outcome is Outcome.HOLD


@pytest.mark.parametrize(("kind", "end"), [(Kind.REPLY, False), (Kind.EVENT, True)])
def test_what_cannot_wait(kind: Kind, end: bool) -> None:
    envelope = Envelope("1", "triage", "writer", kind, b"", end=end)
    with pytest.raises(NotHeld):
        require_holdable(Waiting(envelope, Circumstances(1.0, Action()), HELD, 1))
