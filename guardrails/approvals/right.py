"""The right to approve: the policy's word on one person and one action that waits."""

from typing import Any, Final

import msgspec

from lictor.guardrails.approvals.held import Held
from lictor.guardrails.policy.engine import Denial
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.policy.stages import APPROVE
from lictor.guardrails.verdict import Verdict

_MOST_ASKS: Final = 50


class Word(msgspec.Struct, frozen=True):
    """What the policy says of an approver."""

    denial: Denial | None = None
    """Why this person may not approve it."""
    more: Denial | None = None
    """Why this person alone is not enough."""


class ApprovalRight:
    """Asks the approve stage of whatever policy is in the slot; nothing is kept, since people are asked seldom."""

    def __init__(self, slot: PolicySlot) -> None:
        self._slot = slot

    def judge(self, held: Held, approver: str, owner: str, *, edited: bool) -> Word:
        """Return what the policy says; `owner` is who started the task. Raises PolicyError, which denies.

        The policy is asked about each of the asks: who approves answers them all, and needs the right to each.
        """
        more: Denial | None = None
        for ask in held.asks[:_MOST_ASKS]:
            decision = self._slot.engine.decide(APPROVE, question(held, approver, owner, edited=edited, ask=ask))
            if decision.denials:
                return Word(denial=decision.denials[0])
            if not decision.allow:
                return Word(denial=Denial("approve.default", f"{approver} may not approve it: no rule permits it", ""))
            more = more or next(iter(decision.asks), None)
        if len(held.asks) > _MOST_ASKS:
            reason = f"{len(held.asks)} asks at once are more than the {_MOST_ASKS} that anybody may answer together"
            return Word(denial=Denial("approve.too_much", reason, ""))
        return Word(more=more)


def question(held: Held, approver: str, owner: str, *, edited: bool, ask: Verdict | None = None) -> dict[str, Any]:
    """Return the policy's input: who approves, what waits, and which of its asks this is about (the first)."""
    deed, why, labels = held.deed, ask or held.why, held.latest.about.mark.labels
    return {
        "approver": approver,
        "edited": edited,
        "held": {
            "id": held.id,
            "sender": deed.sender,
            "target": deed.target,
            "kind": deed.kind,
            "method": deed.method,
            "tool": deed.tool,
            "arguments": msgspec.json.decode(deed.arguments) if deed.arguments else {},
            "task": deed.task,
            "owner": owner,
            "layer": why.layer,
            "code": why.code,
            "codes": list(dict.fromkeys(each.code for each in held.asks)),
            "rule": why.rule,
            "labels": {
                "level": labels.level.word,
                "untrusted": labels.untrusted,
                "tags": sorted(labels.tags),
                "sources": sorted(labels.sources),
            },
            "agreed": list(held.agreed),
        },
    }
