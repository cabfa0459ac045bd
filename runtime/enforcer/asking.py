"""Asking the layers about a message, and what decides before any layer is asked."""

from collections.abc import Sequence
from typing import Final

import msgspec

from lictor.guardrails.approvals.held import Waiting
from lictor.guardrails.layer import Circumstances, Layer
from lictor.guardrails.pipeline import judge
from lictor.guardrails.verdict import Judgement, Outcome, Verdict, denial
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.gate import Gate
from lictor.runtime.enforcer.holding import Holding
from lictor.runtime.enforcer.pending import Pending, PendingTable
from lictor.runtime.enforcer.turn import Turn

_ONCE: Final = frozenset({"identify", "admit"})
"""Layers that count what they judge: they are asked once about a message, however often the others are."""
_MODEL: Final = "model-"


def repeatable(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers that may be asked again about a message."""
    return [layer for layer in layers if layer.name not in _ONCE]


class Asking:
    """Judges; `name` is the enforcer's: what it asked for itself goes to nobody else."""

    def __init__(
        self, name: str, layers: Sequence[Layer], pending: PendingTable, gate: Gate, holding: Holding | None
    ) -> None:
        self._name = name
        self._layers = layers
        self._repeatable = repeatable(layers)
        self._pending = pending
        self._gate = gate
        self._holding = holding

    def judge(self, envelope: Envelope, about: Circumstances, pending: Pending | None, turn: Turn) -> Judgement:
        """Return the judgement of a message; `pending` is what it answers, if anything."""
        if turn.obstacle:
            return denial("record", "record.unavailable", f"nothing passes, because of the record: {turn.obstacle}")
        if pending is None:
            if self._pending.is_full(envelope.sender):
                reason = f"{self._pending.most} messages of {envelope.sender} wait for an answer already"
                return denial("admit", "admit.unanswered", reason)
            return judge(self._layers, envelope, about)
        excess = "" if envelope.end else self._excess(envelope, pending, turn.now)
        if excess:
            return denial("admit", excess, f"{envelope.sender} streams an answer that is too fast or does not end")
        if pending.request.sender == self._name:
            verdict = Verdict("catalog", Outcome.ALLOW, "", "the enforcer asked for it, and it goes to nobody else")
            return Judgement(Outcome.ALLOW, (verdict,), verdict, (0.0,))
        return judge(self._layers, envelope, about)

    def redirect(self, envelope: Envelope, about: Circumstances, judgement: Judgement) -> tuple[Envelope, Judgement]:
        """Return a message that the policy has another model answer, judged again with that model for its target.

        What the rules say of the other model counts as much: a redirection opens no way that they do not.
        """
        if envelope.kind is not Kind.MODEL or judgement.outcome > Outcome.HOLD:
            return envelope, judgement
        models = judgement.obliged("model")
        if not models or models == (envelope.target,):
            return envelope, judgement
        if len(models) > 1 or not models[0].startswith(_MODEL):
            wanted = ", ".join(models)
            reason = f"rules oblige to {wanted}: name one model, by its principal, which begins with {_MODEL!r}"
            return envelope, judgement.joined(Verdict("fulfil", Outcome.DENY, "fulfil.model", reason))
        moved = msgspec.structs.replace(envelope, target=models[0])
        again = judge(self._repeatable, moved, about)
        deciding = again.deciding if again.outcome > judgement.outcome else judgement.deciding
        joined = Judgement(
            deciding.outcome,
            (*judgement.verdicts, *again.verdicts),
            deciding,
            (*judgement.costs_us, *again.costs_us),
        )
        if set(again.obliged("model")) - {moved.target}:
            reason = f"rules send it on from {moved.target} as well: it would go from model to model"
            return moved, joined.joined(Verdict("fulfil", Outcome.DENY, "fulfil.model", reason))
        return moved, joined

    def hold(self, waiting: Waiting, turn: Turn) -> tuple[Judgement, str]:
        """Have a message wait for a person; return its judgement and the approval's id, or a denial and nothing."""
        if self._holding is not None:
            return self._holding.hold(waiting, turn)
        reason = f"it needs an approval, and nothing can wait here: {waiting.judgement.deciding.reason}"
        return denial("approval", "approval.unavailable", reason), ""

    def _excess(self, part: Envelope, pending: Pending, now: float) -> str:
        if not self._gate.takes_part(part.sender, len(part.body), now):
            return "admit.stream_rate"
        return "" if self._pending.grow(pending.request.id, len(part.body)) else "admit.stream_size"
