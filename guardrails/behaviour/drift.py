"""Drift: the pace and the length of a principal's messages are not what they were. Off the hot path."""

from typing import Any, Final

_MOST_SAMPLES: Final = 256
"""Samples kept between two ticks; more than that are not needed to see a drift."""
_WINDOW: Final = 10.0
"""Seconds over which messages are counted for the pace."""
_MOST_WINDOWS: Final = 8
"""Empty windows in a row that count; a longer silence is a pause, and says nothing of the pace."""
_HELD: Final = 60.0
"""Seconds for which a drift that was seen is told."""
_RISK: Final = 1e-7
"""ADWIN's delta: the risk that a change it sees is none."""
_LEAST_CHANGE: Final = 0.25
"""Least change of the mean of the logarithms that is told."""
_FEWEST: Final = 100
_ALPHA: Final = 0.9999
_SLACK: Final = 0.5
_THRESHOLD: Final = 200.0
"""Page-Hinkley: samples before it speaks, how fast it forgets, growth that is none, and growth that is told."""
_ONE: Final = 0.8
_BOTH: Final = 1.0


class Adwin:
    """River's ADWIN, made of its compiled core alone: `river.drift` takes two seconds and 120 MB to load, this 3 ms."""

    __slots__ = ("_delta", "_window")

    def __init__(self, delta: float) -> None:
        self._delta = delta
        self._window = _window(delta)

    @property
    def mean(self) -> float:
        """The mean within the window."""
        width = self._window.get_width()
        return float(self._window.get_total() / width) if width else 0.0

    def update(self, value: float) -> float:
        """Take a value; return by how much the mean has moved when that is a change, else 0. Then it begins anew."""
        window, before = self._window, self.mean
        if not window.update(value):
            return 0.0
        moved = abs(self.mean - before)
        self._window = _window(self._delta)
        return moved


class PageHinkley:
    """The Page-Hinkley test for a mean that grows; as river's, which loads as slowly."""

    __slots__ = ("_count", "_least", "_mean", "_sum")

    def __init__(self) -> None:
        self._count = 0
        self._mean = self._sum = self._least = 0.0

    def update(self, value: float) -> bool:
        """Take a value; tell whether the mean has grown. Then it begins anew."""
        self._count += 1
        self._mean += (value - self._mean) / self._count
        self._sum = _ALPHA * self._sum + value - self._mean - _SLACK
        self._least = min(self._least, self._sum)
        if self._count < _FEWEST or self._sum - self._least <= _THRESHOLD:
            return False
        self._count = 0
        self._mean = self._sum = self._least = 0.0
        return True


def _window(delta: float) -> Any:  # noqa: ANN401 -- compiled
    from river._river_rust import drift  # noqa: PLC0415 -- only teams that run need it

    return drift.AdaptiveWindowing(delta=delta)


class Drift:
    """Watches one principal: samples are noted on the hot path, and looked at in `tick`.

    ADWIN (river) sees sudden changes of the logarithm of the length and of the pace, Page-Hinkley slow growth of the
    length. They need tens of messages, so they only ever warn.
    """

    __slots__ = ("_count", "_length", "_pace", "_samples", "_since", "_slow", "_until", "score")

    def __init__(self) -> None:
        self._samples: list[int] = []
        self._count = 0
        self._since = 0.0
        self._length: Adwin | None = None
        self._pace: Adwin | None = None
        self._slow = PageHinkley()
        self._until = [0.0, 0.0]
        self.score = 0.0
        """0.8 while length or pace has drifted, 1.0 while both have, else 0."""

    def note(self, size: int) -> None:
        """Note one message."""
        self._count += 1
        if len(self._samples) < _MOST_SAMPLES:
            self._samples.append(size)

    def tick(self, now: float) -> None:
        """Look at what was noted since the last tick."""
        if self._length is None or self._pace is None:
            if not self._samples:
                return
            self._length, self._pace = Adwin(_RISK), Adwin(_RISK)
            self._since = now
        if self._samples:
            samples, self._samples = self._samples, []
            if self._see_lengths(self._length, samples):
                self._until[0] = now + _HELD
        if now - self._since >= _WINDOW and self._see_pace(self._pace, now):
            self._until[1] = now + _HELD
        self.score = (0.0, _ONE, _BOTH)[sum(now < until for until in self._until)]

    def _see_lengths(self, detector: Adwin, samples: list[int]) -> bool:
        found = False
        for size in samples:
            length = float(size.bit_length())
            found |= detector.update(length) >= _LEAST_CHANGE
            found |= self._slow.update(length)
        return found

    def _see_pace(self, detector: Adwin, now: float) -> bool:
        windows = int((now - self._since) / _WINDOW)
        self._since += windows * _WINDOW
        found = detector.update(float(self._count.bit_length())) >= _LEAST_CHANGE
        self._count = 0
        if windows <= _MOST_WINDOWS:
            for _ in range(windows - 1):
                found |= detector.update(0.0) >= _LEAST_CHANGE
        return found
