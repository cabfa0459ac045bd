"""The gate: what one sender sends too much of is turned away unread, because reading it would hold everyone up."""

from typing import Final

_REQUEST_UNIT: Final = 65_536
_PART_UNIT: Final = 1024
_FLOOD: Final = 20_000
_PARTS: Final = 20_000
_PARTS_PER_SECOND: Final = 5_000


class Gate:
    """Two allowances for each sender: for what it sends unasked, and for the parts of its streamed answers.

    `most` is how many messages of one sender are read within `period` seconds; a body counts as one message more for
    each 64 KiB. Of parts a sender may send 20,000 at once and 5,000 a second; each KiB counts as a part more.
    """

    def __init__(self, most: float = 100_000.0, period: float = 1.0) -> None:
        self.most = most
        self.period = period
        self._requests = _Allowances(most, most / period)
        self._parts = _Allowances(_PARTS, _PARTS_PER_SECOND)
        self._turned_away: dict[str, int] = {}
        self._weight: dict[str, int] = {}

    def takes(self, sender: str, size: int, now: float) -> bool:
        """Tell whether a message is read; one that is not is counted."""
        if self._requests.spend(sender, 1 + size // _REQUEST_UNIT, now):
            return True
        self._turned_away[sender] = self._turned_away.get(sender, 0) + 1
        self._weight[sender] = self._weight.get(sender, 0) + 1 + size // _PART_UNIT
        return False

    def takes_part(self, sender: str, size: int, now: float) -> bool:
        """Tell whether a part of a streamed answer may pass."""
        return self._parts.spend(sender, 1 + size // _PART_UNIT, now)

    def turned_away(self) -> dict[str, int]:
        """Return how many messages of each sender were turned away since the last time that this was asked."""
        counted, self._turned_away = self._turned_away, {}
        return counted

    def floods(self) -> list[str]:
        """Return who sent so much since the last time that even turning it away holds everyone up."""
        weights, self._weight = self._weight, {}
        return [sender for sender, weight in weights.items() if weight > _FLOOD]


class _Allowances:
    """A token bucket for each sender; the broker vouches for senders, so there are no more than principals."""

    def __init__(self, most: float, per_second: float) -> None:
        self._most = most
        self._per_second = per_second
        self._left: dict[str, tuple[float, float]] = {}

    def spend(self, sender: str, units: int, now: float) -> bool:
        left, since = self._left.get(sender, (self._most, now))
        left = min(self._most, left + max(0.0, now - since) * self._per_second)
        # One message is taken whatever it weighs, when nothing was spent before: a small allowance must not be none.
        enough = left >= min(units, self._most)
        self._left[sender] = (left - units if enough else left, now)
        return enough
