"""Restart intensity and backoff as pure functions (OTP's supervisor.erl, add_restart/3)."""

from collections.abc import Sequence
from typing import Final

_MOST_DOUBLINGS: Final = 60
"""Beyond it the wait has long met its limit, and a larger power would not fit into a float."""


def add_restart(restarts: Sequence[float], now: float, intensity: int, period: float) -> tuple[tuple[float, ...], bool]:
    """Return the restarts within `period` seconds including this one, and whether they are more than `intensity`."""
    recent = (*(moment for moment in restarts if now - moment <= period), now)
    return recent, len(recent) > intensity


def backoff(count: int, first: float, most: float, jitter: float = 0.0) -> float:
    """Return the seconds to wait before the `count`-th restart in a row: doubling from `first`, at most `most`.

    `jitter` in [0, 1) takes off up to half of it, so that children that fell together do not rise together.
    """
    wait = min(most, first * 2.0 ** min(max(0, count - 1), _MOST_DOUBLINGS))
    return wait * (1 - jitter / 2)
