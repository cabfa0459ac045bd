"""Repetition: the same call again, or all but the same, while nothing new is learnt in between."""

from typing import Final

from lictor.guardrails.behaviour.content import numbers, without_noise

_MOST_CALLS: Final = 48
_MOST_FAMILIES: Final = 32
_MOST_ANSWERS: Final = 64
_FORGIVEN: Final = 300.0
"""Seconds after which one repetition is forgiven."""
_PROGRESS: Final = 0.2
"""What a repetition counts when something new was learnt since: polling that sees progress may go on for longer."""
_GROWTH: Final = 1.3
"""How much longer than all before it a pause has to be to be one of a caller that backs off."""
_SHORTEST_PAUSE: Final = 0.5
_TOGETHER: Final = 1.0
"""Near duplicates sent within so many seconds, before any is answered, are one piece of work that was divided."""
_SHORT: Final = 200
"""Bytes below which an answer only acknowledges."""


class Call:
    """One call, as often as it was made."""

    __slots__ = ("again", "answered", "at", "count", "counts_up", "family", "fresh", "pause")

    def __init__(self, now: float, fresh: int, family: "_Family") -> None:
        self.family = family
        self.count = 1.0
        self.at = now
        self.pause = 0.0
        self.fresh = fresh
        self.answered = False
        self.again = False
        """Whether it was made more than once."""
        self.counts_up = False
        """Whether it differed from the one before as a counter does."""


class _Family:
    """Calls that differ in numbers alone."""

    __slots__ = ("at", "call", "content", "count", "fresh", "near", "numbers", "verdict")

    def __init__(self, now: float, fresh: int, near: int) -> None:
        self.near = near
        self.content = b""
        """Of its first call, while that is the only one and short."""
        self.call: Call | None = None
        self.count = 0.0
        self.at = now
        self.fresh = fresh
        self.numbers: tuple[int, ...] | None = None
        self.verdict = _UNANSWERED


_UNANSWERED: Final = 0
_NEWS: Final = 1
_ACKNOWLEDGED: Final = 2
_SAME: Final = 3


class Repetition:
    """What one principal asked within one task, bounded."""

    __slots__ = ("_answers", "_calls", "_families", "divided", "exact", "fresh", "near", "repeated", "stale")

    def __init__(self) -> None:
        self._calls: dict[int, Call] = {}
        self._families: dict[int, _Family] = {}
        self._answers: dict[int, None] = {}
        self.fresh = 0
        """Counts what was new: requests unlike all before, and answers that say what was not said."""
        self.exact = False
        """Whether the last request equals an earlier one, noise apart."""
        self.divided = False
        """Whether the last request is a near duplicate of one just sent, unanswered yet: work that is divided."""
        self.repeated = 0
        """How often the last request was made; progress, pauses that grow and time make it less."""
        self.near = 0
        """How many near duplicates of it brought nothing."""
        self.stale = 0
        """How many answers in a row said what was said before, at length, or failed alike."""

    def again(self, exact: int, now: float) -> Call | None:
        """Take a request if it was made before, letter by letter."""
        call = self._calls.get(exact)
        if call is None:
            return None
        self.near = 0
        self.divided = False
        self._repeat(call, now)
        return self._asked(call, now)

    def ask(self, exact: int, near: int, content: bytes, now: float) -> Call:
        """Take a request that `again` does not know.

        `exact` tells it from all others, `near` from those that differ in more than numbers.
        """
        family = self._families.get(near)
        if family is None:
            return self._begin(exact, near, content, now)
        exact = hash((near, without_noise(content)))
        if family.call is not None:
            self._calls.setdefault(hash((near, without_noise(family.content))), family.call)
            family.numbers = numbers(family.content)
            family.call, family.content = None, b""
        asked = self.again(exact, now)
        if asked is not None:
            return asked
        self.divided = family.verdict == _UNANSWERED and now - family.at < _TOGETHER
        is_counter = self._step(family, content, now)
        call = self._keep(exact, now, family)
        self.near, self.repeated, self.exact = int(family.count), 1, False
        call.counts_up = is_counter
        return self._asked(call, now)

    def _asked(self, call: Call, now: float) -> Call:
        family = call.family
        family.at = now
        family.fresh = self.fresh
        family.verdict = _UNANSWERED
        return call

    def answer(self, call: Call, content: int, *, failed: bool) -> bool:
        """Take the answer to a request; return whether it says anything new. If not, `learn_nothing` is to be told."""
        answers = self._answers
        if content in answers:
            return False
        if len(answers) >= _MOST_ANSWERS:
            del answers[next(iter(answers))]
        answers[content] = None
        alone = call.fresh == self.fresh and not call.answered
        self.fresh += 1
        if alone:  # that a first call is answered is no progress since it
            call.fresh = self.fresh
        call.answered = True
        call.family.verdict = _SAME if failed else _NEWS
        self.stale = 0
        return True

    def learn_nothing(self, call: Call, size: int, *, failed: bool, reads: bool) -> None:
        """Take an answer of `size` bytes that was given before; `reads` tells that the tool is known to only read."""
        call.answered = True
        if failed or size >= _SHORT or (reads and call.counts_up):
            call.family.verdict = _SAME
            self.stale += failed or size >= _SHORT
            return
        call.family.verdict = _ACKNOWLEDGED
        if not call.counts_up and not reads and not call.again:  # one more of many things was done
            self.fresh += 1

    def _begin(self, exact: int, near: int, content: bytes, now: float) -> Call:
        self.fresh += 1
        if len(self._families) >= _MOST_FAMILIES:
            del self._families[next(iter(self._families))]
        family = self._families[near] = _Family(now, self.fresh, near)
        self.repeated, self.near, self.exact, self.divided = 1, 0, False, False
        call = self._keep(exact, now, family)
        if len(content) <= _SHORT:
            family.call, family.content = call, content
        return call

    def _keep(self, exact: int, now: float, family: _Family) -> Call:
        if len(self._calls) >= _MOST_CALLS:
            del self._calls[next(iter(self._calls))]
        call = self._calls[exact] = Call(now, self.fresh, family)
        return call

    def _repeat(self, call: Call, now: float) -> None:
        pause = max(0.0, now - call.at)
        backs_off = call.pause > 0 and pause >= _SHORTEST_PAUSE and pause >= _GROWTH * call.pause
        weight = -1.0 if backs_off else _PROGRESS if call.fresh != self.fresh else 1.0
        call.count = min(max(1.0, max(1.0, call.count - pause / _FORGIVEN) + weight), 99.0)
        call.pause, call.at, call.fresh = max(pause, call.pause), now, self.fresh
        self.repeated = int(call.count + 0.5)
        call.again = self.exact = True

    def _step(self, family: _Family, content: bytes, now: float) -> bool:
        """Count a near duplicate by what the one before it brought; tell whether it differs as a counter does."""
        found, before = numbers(content), family.numbers
        family.numbers = found
        is_counter = before is not None and counts_up(before, found)
        if family.fresh != self.fresh:
            family.count = family.count + _PROGRESS if family.verdict == _SAME else family.count * 0.5
        elif family.verdict == _UNANSWERED:
            family.count += 0.15 if self.divided else 0.8
        elif family.verdict == _SAME:
            family.count += 1.0
        elif is_counter:
            family.count += 0.8
        family.count = min(family.count, 99.0)
        return is_counter


def counts_up(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Tell whether numbers differ as a counter does: in one place, by one."""
    if len(before) != len(after):
        return False
    steps = [late - early for early, late in zip(before, after, strict=True) if late != early]
    return len(steps) == 1 and steps[0] == 1
