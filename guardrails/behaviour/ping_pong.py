"""Ping-pong: two principals that go on talking in one task without saying anything new."""

from typing import Final

from lictor.guardrails.behaviour.content import numbers, without_changing, without_noise
from lictor.guardrails.behaviour.repetition import counts_up

_MOST_SAYINGS: Final = 64
_MOST_WORDS: Final = 512
_SHORT: Final = 400
"""Bytes up to which a text is compared word by word."""
_EXACT: Final = 1.0
_NEAR: Final = 0.75
_UNCOMPARED: Final = 0.5
_WORDS: Final = 0.6
_UNANSWERED: Final = 0.15
_MOST: Final = 64.0
_LETTERS: Final = bytes(
    code + 32 if 65 <= code <= 90 else code if 97 <= code <= 122 or code > 127 else 32 for code in range(256)
)
"""Lower case, and a blank for every sign and digit."""


class Talk:
    """What two principals said to each other in one task; bounded.

    Each side has what it said again on its own account, and news of either takes some of it from both: who is
    flooded with repetitions and answers something new has nothing on its account.
    """

    __slots__ = ("_last", "_numbers", "_sayings", "_words", "again")

    def __init__(self) -> None:
        self._sayings: dict[int, None] = {}
        self._numbers: dict[int, tuple[int, ...] | None] = {}
        self._words: set[bytes] = set()
        self._last = -1
        self.again = [0.0, 0.0]

    def say(self, side: int, exact: int, content: bytes, near: int = 0) -> bool:
        """Take what one side (0 or 1) says; return whether it is new.

        `exact` tells the content from all others; `near`, if it is known, from those that differ in numbers alone.
        """
        weight = self._weigh(exact, content, near)
        again = self.again
        goes_on, self._last = self._last == side, side
        if weight:
            if goes_on:  # nothing was said to it in between: work that is divided, or calls that are made again
                weight *= _UNANSWERED
            again[side] = min(again[side] + weight, _MOST)
            return False
        again[0] *= 0.5
        again[1] *= 0.5
        return True

    def account(self, side: int) -> int:
        """Return how far the talk goes round, as far as this side has its part in it."""
        own = self.again[side]
        return int(min(own + self.again[1 - side], 2 * own))

    def _weigh(self, exact: int, content: bytes, near: int) -> float:
        sayings = self._sayings
        if exact in sayings:
            return _EXACT
        if len(sayings) >= _MOST_SAYINGS:
            del sayings[next(iter(sayings))]
        sayings[exact] = None
        known_numbers = self._numbers
        near = near or hash(without_changing(content))
        if near in known_numbers:
            before, found = known_numbers[near], numbers(without_noise(content))
            known_numbers[near] = found
            if before is None:
                return _UNCOMPARED
            return _NEAR if found == before or counts_up(before, found) else 0.0  # other numbers are news
        if len(known_numbers) >= _MOST_SAYINGS:
            del known_numbers[next(iter(known_numbers))]
        known_numbers[near] = None  # they take long to read: that is left for when they are needed
        if len(content) > _SHORT:
            return 0.0
        words = set(content.translate(_LETTERS).split())
        known = self._words
        if words and words <= known:
            return _WORDS
        if len(known) < _MOST_WORDS:
            known |= words
        return 0.0
