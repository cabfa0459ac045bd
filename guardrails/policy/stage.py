"""One stage of the policy: equal questions are asked once, and every answer becomes a verdict."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from lictor.guardrails.layer import Circumstances
from lictor.guardrails.policy.cache import DecisionCache, as_key
from lictor.guardrails.policy.engine import Decision, Denial
from lictor.guardrails.policy.fields import WHOLE
from lictor.guardrails.policy.question import Field, key_of
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.policy.stages import earlier_fields
from lictor.guardrails.verdict import Outcome, Verdict
from lictor.protocols.envelope import Envelope

_LONGEST_REASON: Final = 600
_MOST_FACTS: Final = 16_384
"""Bytes of a question that are recorded: a longer one is told by its message's body."""
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_QUARANTINE: Final = "quarantine"


class PolicyStage:
    """Asks one stage of whatever engine is in the slot; `name` is the stage's and the layer's.

    The key of a kept answer is what the bundle reads at this stage, derived from the bundle, and nothing else.
    """

    def __init__(self, slot: PolicySlot, name: str) -> None:
        self.name = name
        self._slot = slot
        self._generation = -1
        self._fields: tuple[Field, ...] = ()
        self._more: frozenset[str] | None = frozenset()
        self._key: Callable[[Envelope, Circumstances], tuple[Any, ...]] = key_of(())
        self._seen: Mapping[str, Any] = _NOTHING
        """What `more` was last; it is kept, so nothing else can stand in its place."""
        self._added: tuple[object, ...] = ()
        self._earlier: frozenset[str] = frozenset()
        """Fields of earlier stages that the bundle reads at this one."""
        self.cache: DecisionCache[Verdict] = DecisionCache()

    def reads(self, field: str) -> bool:
        """Tell whether the bundle reads a field at this stage: what it does not read need not be found out."""
        paths = self._slot.engine.fields.get(self.name, frozenset())
        return WHOLE in paths or any(path[0] == field for path in paths)

    def judge(self, envelope: Envelope, circumstances: Circumstances, more: Mapping[str, Any] = _NOTHING) -> Verdict:
        """Return the stage's verdict; `more` holds the fields that this stage adds, as plain JSON values.

        `more` may not be changed once it was given. Raises PolicyError when the engine gives no answer, which denies.
        """
        if self._generation != self._slot.generation:
            self._prepare()
        self._slot.tell(envelope, self.name, more)
        if self._earlier:
            more = {**self._slot.told(self._earlier), **more}
        if more is not self._seen:  # most messages bring the very object that the one before brought
            read = self._more
            self._added = tuple([as_key(value) for name, value in more.items() if read is None or name in read])
            self._seen = more
        key = (self._key(envelope, circumstances), self._added)
        verdict = self.cache.find(key)
        if verdict is None:
            verdict = self._ask(envelope, circumstances, more)
            self.cache.keep(key, verdict)
        return verdict

    def _ask(self, envelope: Envelope, circumstances: Circumstances, more: Mapping[str, Any]) -> Verdict:
        document = {field.name: field.show(field.read(envelope, circumstances)) for field in self._fields}
        document |= {name: value for name, value in more.items() if self._more is None or name in self._more}
        facts = msgspec.json.encode(document)
        facts = facts if len(facts) <= _MOST_FACTS else b""
        return to_verdict(self.name, self._slot.engine.decide(self.name, document), facts)

    def _prepare(self) -> None:
        paths = self._slot.engine.fields.get(self.name, frozenset())
        self._fields = self._slot.question.fields(paths)
        self._key = key_of(self._fields)
        self._seen, self._added = _NOTHING, ()
        tops = {path[0] for path in paths if path}
        self._earlier = frozenset(name for name in earlier_fields(self.name) if WHOLE in paths or name in tops)
        self._more = None if WHOLE in paths else frozenset(path[0] for path in paths)
        self.cache = DecisionCache()
        self._generation = self._slot.generation


def to_verdict(layer: str, decision: Decision, facts: bytes = b"") -> Verdict:
    """Return the verdict that a decision comes to: any denial, else any ask, else redaction, else allow."""
    if decision.denials:
        worst = next((each for each in decision.denials if each.outcome == _QUARANTINE), decision.denials[0])
        outcome = Outcome.QUARANTINE if worst.outcome == _QUARANTINE else Outcome.DENY
        return _verdict(layer, outcome, worst, decision.obligations, facts)
    if not decision.allow:
        default = Denial(f"{layer}.default", "no rule allows it", f"data.lictor.main.{layer}")
        return _verdict(layer, Outcome.DENY, default, decision.obligations, facts)
    if decision.asks:
        first, *others = [_verdict(layer, Outcome.HOLD, ask, decision.obligations, facts) for ask in decision.asks]
        return msgspec.structs.replace(first, further=tuple(others)) if others else first
    redacts = any(word.startswith("redact:") for word in decision.obligations)
    outcome = Outcome.REDACT if redacts else Outcome.ALLOW
    return Verdict(layer, outcome, obligations=decision.obligations, facts=facts)


def met(verdict: Verdict) -> Verdict:
    """Return what a verdict that asks for an approval comes to once it is given."""
    redacts = any(word.startswith("redact:") for word in verdict.obligations)
    reason = f"approved; asked for because {verdict.reason}"[:_LONGEST_REASON]
    outcome = Outcome.REDACT if redacts else Outcome.ALLOW
    return msgspec.structs.replace(verdict, outcome=outcome, code="approval.met", reason=reason)


def _verdict(layer: str, outcome: Outcome, said: Denial, obligations: tuple[str, ...], facts: bytes) -> Verdict:
    reason = said.reason[:_LONGEST_REASON]
    return Verdict(layer, outcome, said.code, reason, said.rule, said.file, said.line, obligations, facts)
