"""Sequence novelty: steps that an agent never took one after the other, learnt while it works."""

from typing import Final

WARM_UP: Final = 200
"""Steps of an agent before anything of it counts as new."""
_MOST: Final = 2048
_MEMORY: Final = 0.8
"""What the share of new steps keeps of itself at each step."""


class Sequence:
    """Pairs and triples of the steps of one agent. When its memory is full it learns no more and says nothing."""

    __slots__ = ("_novelty", "_seen", "steps")

    def __init__(self) -> None:
        self._seen: set[tuple[int, int, int]] = set()
        self._novelty = 0.0
        self.steps = 0

    def add(self, early: int, before: int, step: int) -> float:
        """Take a step and the two before it in its task; return the share of new ones among the last, 0 to 1.

        A pair that is new counts whole, a triple of known pairs half.
        """
        self.steps += 1
        seen = self._seen
        triple = (early, before, step)
        if triple in seen:
            self._novelty *= _MEMORY
            return self._novelty
        if len(seen) >= _MOST:
            return 0.0
        seen.add(triple)
        pair = (0, before, step)
        weight = 0.5 if pair in seen else 1.0
        seen.add(pair)
        if self.steps <= WARM_UP:
            return 0.0
        self._novelty = self._novelty * _MEMORY + weight * (1.0 - _MEMORY)
        return self._novelty
