"""The slot: which engine decides at present. It is swapped between two messages, never during one."""

from collections.abc import Iterable, Mapping
from typing import Any

from lictor.guardrails.policy.engine import PolicyEngine
from lictor.guardrails.policy.question import Question
from lictor.protocols.envelope import Envelope


class PolicySlot:
    """Holds the engine that decides; who keeps answers of it compares generations."""

    def __init__(self, engine: PolicyEngine, question: Question) -> None:
        self._engine = engine
        self._generation = 0
        self.question = question
        self._message: Envelope | None = None
        self._told: dict[str, Mapping[str, Any]] = {}

    def tell(self, envelope: Envelope, stage: str, more: Mapping[str, Any]) -> None:
        """Keep what a stage adds to what is known of a message, for the stages behind it."""
        if envelope is not self._message:
            self._message, self._told = envelope, {}
        self._told[stage] = more

    def told(self, names: Iterable[str]) -> dict[str, Any]:
        """Return those of these fields that stages have added to what is known of the present message."""
        return {name: more[name] for more in self._told.values() for name in names if name in more}

    @property
    def engine(self) -> PolicyEngine:
        """The engine that decides."""
        return self._engine

    @property
    def generation(self) -> int:
        """Counts the engines: answers of an earlier one count no more."""
        return self._generation

    def swap(self, engine: PolicyEngine) -> PolicyEngine:
        """Have another engine decide from the next message on; return the one before."""
        before, self._engine = self._engine, engine
        self._generation += 1
        return before
