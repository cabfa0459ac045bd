"""Signals: what the detectors say of one message, as few different numbers as will do, and none of what is usual."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Final

Signals = Mapping[str, float]

NOTHING: Final[Signals] = {}
SUSPICIOUS: Final[Signals] = {"suspicious": 1}
"""What is said when a detector failed."""

_COUNTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 21, 24, 28, 32, 40, 48, 64)
_CROWDS: Final = (16, 24, 32, 36, 40, 48, 64, 96, 128, 160, 192, 224, 256, 288, 320, 384, 512, 768, 1024)


def counted(count: int, least: int) -> int:
    """Return a count in steps, at most 64; 0 when it is below `least`."""
    return _COUNTS[bisect_right(_COUNTS, count) - 1] if count >= least else 0


def crowd(count: int, least: int = 16) -> int:
    """Return a number of things at the same time in steps, at most 1024; 0 when it is below `least`."""
    return _CROWDS[bisect_right(_CROWDS, count) - 1] if count >= max(least, _CROWDS[0]) else 0


def share(value: float, least: float) -> float:
    """Return a share from 0 to 1 in steps of 0.05; 0 when it is below `least`."""
    return round(min(value, 1.0) * 20) / 20 if value >= least else 0.0
