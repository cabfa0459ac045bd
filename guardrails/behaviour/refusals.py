"""Refusals: a principal that keeps trying what is denied."""

from typing import Final

_MOST: Final = 16
_HALVED: Final = 300.0
"""Seconds in which half of the refusals are forgiven."""


class Refusals:
    """How often one principal was refused the same thing; bounded, and forgotten with time alone.

    Only what it was denied itself counts, and messages that pass in between do not make it less.
    """

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[int, tuple[float, float]] = {}

    def add(self, what: int, now: float) -> int:
        """Count a refusal of `what`; return how often the same was refused of late."""
        count, at = self._counts.pop(what, (0.0, now))
        if len(self._counts) >= _MOST:
            del self._counts[next(iter(self._counts))]
        count = min(count * 0.5 ** (max(0.0, now - at) / _HALVED) + 1.0, 99.0)
        self._counts[what] = (count, now)
        return int(count)

    def most(self, now: float) -> int:
        """Return the most refusals of one thing."""
        counts = self._counts
        if not counts:
            return 0
        return int(max([count * 0.5 ** (max(0.0, now - at) / _HALVED) for count, at in counts.values()]))
