"""Cycles: the last messages of one sequence that repeat with a period of 2 to 8 and bring nothing new."""

from typing import Final

LONGEST: Final = 8
"""The longest period that is looked for."""
_PERIODS: Final = range(2, LONGEST + 1)
_ENOUGH: Final = {period: min(max(6, 2 * period), 10) for period in _PERIODS}
"""Repeated messages from which a cycle is believed: two more passes, and never more than ten messages."""
_NEARLY: Final = 10
_MOST: Final = 64


class Cycle:
    """One sequence, fed message by message. What repeats the message just before it is no cycle and is left out."""

    __slots__ = ("_exact", "_fresh", "_last", "_runs")

    def __init__(self) -> None:
        self._last: list[int] = []
        self._runs: dict[int, int] | None = None
        self._fresh = 0
        self._exact = True

    def add(self, identity: int, fresh: int, *, exact: bool = True) -> int:
        """Take the next message; return in which pass of a cycle it stands (2 or more), or 0.

        `fresh` counts what was new to the sequence so far: any news ends a run. `exact`: it equals the one it repeats;
        a run with near duplicates in it is believed after ten messages only.
        """
        last = self._last
        if identity not in last:
            last.append(identity)
            if len(last) > LONGEST:
                del last[0]
            self._runs = None
            return 0
        if last[-1] == identity:
            return 0
        runs = self._runs
        if runs is None or fresh != self._fresh:
            runs = {}
            self._fresh = fresh
            self._exact = True
        self._exact &= exact
        length = len(last)
        grown = {
            period: runs.get(period, 0) + 1 for period in _PERIODS if period <= length and last[-period] == identity
        }
        self._runs = grown
        last.append(identity)
        if length >= LONGEST:
            del last[0]
        for period, run in grown.items():
            if run >= (_ENOUGH[period] if self._exact else _NEARLY):
                return min(-(-(run + period) // period), _MOST)
        return 0
