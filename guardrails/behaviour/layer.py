"""Layer behaviour: what a message means after those before it; the policy decides what follows from it."""

from collections.abc import Mapping
from typing import Final

from lictor.guardrails.action import Action
from lictor.guardrails.admit import TaskBudget
from lictor.guardrails.behaviour.conduct import ConductLedger, weigh
from lictor.guardrails.behaviour.recent import Recent
from lictor.guardrails.behaviour.signals import NOTHING, SUSPICIOUS, Signals, counted
from lictor.guardrails.behaviour.watch import LEAST_REFUSALS, Watch
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.policy.stage import PolicyStage
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

NAME: Final = "behaviour"
_UNCOUNTED: Final = frozenset({"admit", "record"})
"""Layers whose denials say how much, not what, was tried: they are no refusals to be insisted on."""
_WAYS: Final = "route."
"""Denials of a way that the team's file does not give: an agent that is made so tries it in every task."""
_MOST_DENIED: Final = 4096
_QUIET: Final[Mapping[str, Signals]] = {"signals": NOTHING}
_CONDUCT: Final = "behaviour.conduct"
"""The denial that follows from a low score: it must not lower it further."""


class Behaviour:
    """Judges behaviour. A detector that fails makes the message suspicious; an engine that fails denies it.

    `note_judgement` is to be called for every judged message, `tick` about twice a second.
    """

    name = NAME

    def __init__(
        self,
        slot: PolicySlot,
        ledger: TaskLedger,
        catalog: ToolCatalog,
        *,
        conduct: ConductLedger | None = None,
        budgets: Mapping[str, TaskBudget] | None = None,
    ) -> None:
        self._stage = PolicyStage(slot, NAME)
        self._watch = Watch(ledger, catalog, budgets)
        self._signals: Signals = NOTHING
        self._of = ""
        self._denied: Recent[tuple[str, str, str], str] = Recent(_MOST_DENIED)
        self.conduct = conduct or ConductLedger()
        """The scores; `Circumstances.conduct` is `conduct.score(sender, now)`."""

    def judge(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        """Return the policy's verdict on the message and on what is conspicuous about it."""
        try:
            signals = self._watch.see(envelope, circumstances)
        except Exception:
            signals = SUSPICIOUS
        self._signals, self._of = signals, envelope.id
        return self._stage.judge(envelope, circumstances, {"signals": signals} if signals else _QUIET)

    def note_judgement(self, envelope: Envelope, judgement: Judgement, now: float) -> Verdict | None:
        """Note how a message was judged, by whichever layer; return a stricter verdict that follows from it, if any.

        A principal that keeps trying what is denied is stopped here, because what is denied comes no further.
        """
        signals = self._signals if self._of == envelope.id else NOTHING
        code = judgement.deciding.code
        answers = envelope.kind is Kind.REPLY
        if code != _CONDUCT:
            usual = judgement.outcome is Outcome.DENY and self._is_usual(envelope, code)
            self.conduct.note(envelope.sender, judgement.outcome, signals, now, code, answers=answers, usual=usual)
        if judgement.outcome is not Outcome.DENY or answers:
            return None
        if code == _CONDUCT or judgement.deciding.layer in _UNCOUNTED or not weigh(code):
            return None
        try:
            count = self._watch.refuse(envelope, hash((code, envelope.target, envelope.kind)), now)
        except Exception:
            return None
        if counted(count, LEAST_REFUSALS) != count:
            return None
        score = self.conduct.score(envelope.sender, now)
        verdict = self._stage.judge(
            envelope, Circumstances(now, Action(), conduct=score), {"signals": {"refusals": count}}
        )
        return verdict if verdict.outcome is Outcome.QUARANTINE else None

    def _is_usual(self, envelope: Envelope, code: str) -> bool:
        """Tell whether the sender was denied the same way to the same target in an earlier task."""
        if not code.startswith(_WAYS):
            return False
        key = (envelope.sender, code, envelope.target)
        before = self._denied.find(key)
        if before is None:
            self._denied.keep(key, envelope.task)
        return before is not None and before != envelope.task

    def tick(self, now: float) -> None:
        """Do what need not be done while a message waits."""
        self._watch.tick(now)

    def release(self, principal: str) -> None:
        """Hold nothing against a principal any more: an operator has released it."""
        self._watch.forget(principal)
        self.conduct.forget(principal)
