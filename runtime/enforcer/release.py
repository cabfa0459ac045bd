"""The way on for messages that waited for an approval: judged again, recorded, delivered or refused."""

from collections.abc import Callable, Sequence
from time import perf_counter_ns

import msgspec

from lictor.guardrails.action import read_action
from lictor.guardrails.approvals.asks import unseen
from lictor.guardrails.approvals.held import Waiting
from lictor.guardrails.layer import Layer
from lictor.guardrails.pipeline import judge
from lictor.guardrails.policy.stage import met
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.runtime.enforcer.asking import repeatable
from lictor.runtime.enforcer.dispatch import Dispatch, Settled
from lictor.runtime.enforcer.fulfil import attempt, fulfil
from lictor.runtime.enforcer.turn import Turn


class Release:
    """Implements `holding.Courier`."""

    def __init__(
        self,
        layers: Sequence[Layer],
        dispatch: Dispatch,
        redact: Callable[[bytes, Sequence[str]], tuple[bytes, bytes]],
    ) -> None:
        self._layers = repeatable(layers)
        self._dispatch = dispatch
        self._redact = redact

    def prepare(self, waiting: Waiting) -> Waiting:
        """Return a message as it would be delivered, so that nobody is shown what would be taken out, nor approves it.

        Raises what `fulfil` raises.
        """
        envelope, about = waiting.envelope, waiting.about
        done = fulfil(envelope, about.mark, waiting.judgement, self._redact)
        if done.envelope.body == envelope.body:
            return waiting
        envelope = msgspec.structs.replace(envelope, body=done.envelope.body)
        about = msgspec.structs.replace(about, action=read_action(envelope))
        return msgspec.structs.replace(
            waiting, envelope=envelope, about=about, sealed=done.sealed, original=done.digest
        )

    def judge_again(self, waiting: Waiting, now: float, seen: Sequence[Verdict], *, edited: bool) -> Judgement:
        """Ask the layers from route on about a message that a person has approved: what they saw asked is met.

        Whatever else is asked still holds it, and a denial denies.
        """
        judgement = judge(self._layers, waiting.envelope, msgspec.structs.replace(waiting.about, now=now))
        verdicts = tuple(
            met(each) if each.outcome is Outcome.HOLD and not unseen((each,), seen, edited=edited) else each
            for each in judgement.verdicts
        )
        strictest = max(verdicts, key=lambda each: each.outcome)
        return Judgement(strictest.outcome, verdicts, strictest, judgement.costs_us)

    def settle(self, waiting: Waiting, judgement: Judgement, approval: str, turn: Turn) -> None:
        """Record a message that waits no longer, and deliver it under its own id, or refuse it."""
        began = perf_counter_ns()
        envelope, about = waiting.envelope, msgspec.structs.replace(waiting.about, now=turn.now)
        judgement, done = attempt(envelope, about.mark, judgement, self._redact)
        if done is not None and not done.digest:
            done = msgspec.structs.replace(done, sealed=waiting.sealed, digest=waiting.original)
        cost = (perf_counter_ns() - began) / 1000
        settled = Settled(envelope, about, judgement, done, len(envelope.body), cost, waiting.hops, approval)
        if waiting.request is None:
            self._dispatch.settle(settled, turn)
        else:
            self._dispatch.settle_answer(settled, waiting.request, waiting.method, turn)
