"""Trails: what is kept of one principal in one task, and of one task; all of it bounded."""

from typing import Final

from lictor.guardrails.behaviour.budget_burn import Burn
from lictor.guardrails.behaviour.bursts import Rate, overdue
from lictor.guardrails.behaviour.cycles import Cycle
from lictor.guardrails.behaviour.ping_pong import Talk
from lictor.guardrails.behaviour.prompts import Prompts
from lictor.guardrails.behaviour.refusals import Refusals
from lictor.guardrails.behaviour.repetition import Call, Repetition

_MOST_OPEN: Final = 1024
_MOST_TALKS: Final = 32
_LOOKED_AT: Final = 16


class Trail:
    """What one principal did in one task."""

    __slots__ = (
        "asked",
        "before",
        "burn",
        "cycle",
        "early",
        "opened",
        "prompts",
        "rate",
        "refusals",
        "repetition",
    )

    def __init__(self, now: float) -> None:
        self.asked = 0
        self.repetition = Repetition()
        self.prompts = Prompts()
        self.cycle = Cycle()
        self.rate = Rate(now)
        self.burn = Burn(now)
        self.refusals: Refusals | None = None
        self.opened: dict[str, tuple[Call | None, str, float]] = {}
        """Requests that wait for an answer, by id: what they were, which tool they call, when they were made."""
        self.early = 0
        self.before = 0

    def open(self, identifier: str, asked: Call | None, tool: str, now: float) -> int:
        """Note that a request waits for its answer; return how many do."""
        opened = self.opened
        opened[identifier] = (asked, tool, now)
        count = len(opened)
        if count >= _LOOKED_AT and count % _LOOKED_AT == 0:
            for late in overdue([(each, at) for each, (_, _, at) in opened.items()], now):
                del opened[late]
            if len(opened) > _MOST_OPEN:
                del opened[next(iter(opened))]
            return len(opened)
        return count


class Gathering:
    """What all principals of one task say to each other."""

    __slots__ = ("_talks", "children", "cycle", "fresh")

    def __init__(self) -> None:
        self._talks: dict[tuple[str, str], Talk] = {}
        self.cycle = Cycle()
        self.fresh = 0
        self.children = 0
        """Messages between agents that wait for their answers."""

    def talk(self, one: str, other: str) -> tuple[Talk, int]:
        """Return the talk of two principals, and which side of it the first is."""
        key, side = ((one, other), 0) if one < other else ((other, one), 1)
        talk = self._talks.get(key)
        if talk is None:
            if len(self._talks) >= _MOST_TALKS:
                del self._talks[next(iter(self._talks))]
            talk = self._talks[key] = Talk()
        return talk, side
