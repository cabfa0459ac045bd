"""The approvals' own word on a message, as one verdict more beside those of its layers."""

from typing import Final

from lictor.guardrails.approvals.held import Waiting
from lictor.guardrails.approvals.table import NotHeld
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.subjects import Kind

LAYER: Final = "approval"


def objected(judgement: Judgement, code: str, reason: str) -> Judgement:
    """Return a judgement with a denial of the approvals' own; it points to the rule that asked."""
    why = judgement.deciding
    return judgement.joined(Verdict(LAYER, Outcome.DENY, code, reason, why.rule, why.file, why.line))


def agreed(judgement: Judgement, reason: str) -> Judgement:
    """Return a judgement that says who has approved it."""
    return judgement.joined(Verdict(LAYER, Outcome.ALLOW, "approval.approved", reason))


def require_holdable(waiting: Waiting) -> None:
    """Raise NotHeld for a message that cannot wait."""
    if not waiting.envelope.end:
        raise NotHeld("approval.streamed", "a part of a streamed answer cannot wait for an approval")
    if waiting.envelope.kind is Kind.EVENT:
        raise NotHeld("approval.event", "an event cannot wait for an approval: nobody waits for its answer")
