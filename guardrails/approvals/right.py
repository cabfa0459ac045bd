"""The right to approve: the policy's word on one person and one action that waits."""

from typing import Any

import msgspec

from lictor.guardrails.approvals.held import Held
from lictor.guardrails.policy.engine import Denial
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.policy.stages import APPROVE


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
        """Return what the policy says; `owner` is who started the task. Raises PolicyError, which denies."""
        decision = self._slot.engine.decide(APPROVE, question(held, approver, owner, edited=edited))
        if decision.denials:
            return Word(denial=decision.denials[0])
        if not decision.allow:
            return Word(denial=Denial("approve.default", f"{approver} may not approve it: no rule permits it", ""))
        return Word(more=decision.asks[0] if decision.asks else None)


def question(held: Held, approver: str, owner: str, *, edited: bool) -> dict[str, Any]:
    """Return the policy's input: who approves, and what waits."""
    deed, why, labels = held.deed, held.why, held.latest.about.mark.labels
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
