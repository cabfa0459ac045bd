"""Bursts: requests that are open at the same time, and messages within a few seconds."""

from collections.abc import Iterable
from typing import Final

PERIOD: Final = 5.0
"""Seconds over which messages are counted."""
PATIENCE: Final = 120.0
"""Seconds after which a request counts as open no more, answered or not."""


class Rate:
    """Counts what happens within the last `PERIOD` seconds, over two halves of a window that slides."""

    __slots__ = ("_before", "_count", "_since")

    def __init__(self, now: float) -> None:
        self._since = now
        self._count = 0
        self._before = 0

    def add(self, now: float) -> int:
        """Count one more; return about how many there were within the last period."""
        passed = now - self._since
        if passed >= PERIOD:
            self._before = self._count if passed < 2 * PERIOD else 0
            self._count = 0
            self._since = now
            passed = 0.0
        self._count += 1
        if not self._before:
            return self._count
        return self._count + int(self._before * (1.0 - max(0.0, passed) / PERIOD))


def overdue(opened: Iterable[tuple[str, float]], now: float) -> list[str]:
    """Return the ids of requests that were opened so long ago that nobody counts on an answer."""
    return [identifier for identifier, at in opened if now - at > PATIENCE]
