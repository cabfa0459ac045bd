"""The slot: which engine decides at present. It is swapped between two messages, never during one."""

from lictor.guardrails.policy.engine import PolicyEngine
from lictor.guardrails.policy.question import Question


class PolicySlot:
    """Holds the engine that decides; who keeps answers of it compares generations."""

    def __init__(self, engine: PolicyEngine, question: Question) -> None:
        self._engine = engine
        self._generation = 0
        self.question = question

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
