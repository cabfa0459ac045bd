"""Extraction: an outside caller that asks by the template, many times and each time a little different."""

import itertools
from typing import Final

_MOST_WAITING: Final = 32
_MOST_TEXT: Final = 512
_MOST_TEMPLATES: Final = 128
_MOST_CALLERS: Final = 64
_SKETCH: Final = 24
_ALIKE: Final = 0.6
_ENOUGH: Final = 100
"""Different questions by one template from which on it looks like extraction."""
_OWN: Final = 20
_LETTERS: Final = bytes(code + 32 if 65 <= code <= 90 else code if code > 96 else 32 for code in range(256))
_FLOOR: Final = 0.5

Sketch = frozenset[int]


class _Template:
    """Questions that are alike, and how many different ones each caller asked."""

    __slots__ = ("counts", "sketch")

    def __init__(self, sketch: Sketch) -> None:
        self.sketch = sketch
        self.counts: dict[str, int] = {}


class Extraction:
    """Looks at outside callers together: a campaign is spread over many keys. Off the hot path; bounded.

    What others ask by the same template counts for at most as much as what a caller asks itself, so copying somebody's
    questions does not make an extractor of them.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[str, bytes]] = []
        self._templates: list[_Template] = []
        self._asked: dict[str, int] = {}
        self._seen: set[int] = set()
        self._scores: dict[str, float] = {}

    def note(self, caller: str, content: bytes) -> None:
        """Note one question; when many wait to be looked at, the rest go unseen, and all callers lose alike."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append((caller, content[:_MOST_TEXT]))

    def score(self, caller: str) -> float:
        """Return from 0 to 1, in tenths and from 0.5 on, how much a caller's questions look like extraction."""
        return self._scores.get(caller, 0.0)

    def tick(self) -> None:
        """Look at what was noted since the last tick."""
        waiting, self._waiting = self._waiting, []
        for caller, content in waiting:
            self._take(caller, content)
        for caller in {caller for caller, _ in waiting}:
            score = self._measure(caller)
            if score >= _FLOOR:
                self._scores[caller] = int(score * 10) / 10
            else:
                self._scores.pop(caller, None)

    def _take(self, caller: str, content: bytes) -> None:
        exact = hash(content)
        if exact in self._seen:  # the same question again is no new knowledge
            return
        if len(self._seen) >= _MOST_TEMPLATES * _MOST_CALLERS:
            self._seen.clear()
        self._seen.add(exact)
        if caller not in self._asked and len(self._asked) >= _MOST_CALLERS:
            least = min(self._asked, key=self._asked.__getitem__)
            self._forget(least)
        self._asked[caller] = self._asked.get(caller, 0) + 1
        template = self._find(sketch(content))
        template.counts[caller] = template.counts.get(caller, 0) + 1

    def _find(self, found: Sketch) -> _Template:
        best, most, fewest = None, 0.0, int(min(len(found), _SKETCH) * _ALIKE / 2)
        for template in self._templates:
            if len(template.sketch & found) < fewest:  # cannot be alike: the exact estimate takes longer
                continue
            likeness = alike(template.sketch, found)
            if likeness > most:
                best, most = template, likeness
        if best is not None and most >= _ALIKE:
            return best
        if len(self._templates) >= _MOST_TEMPLATES:
            self._templates.remove(min(self._templates, key=lambda template: sum(template.counts.values())))
        template = _Template(found)
        self._templates.append(template)
        return template

    def _measure(self, caller: str) -> float:
        asked = self._asked.get(caller, 0)
        if asked < _OWN:
            return 0.0
        template = max(self._templates, key=lambda each: each.counts.get(caller, 0))
        own = template.counts.get(caller, 0)
        others = sum(template.counts.values()) - own
        return own / asked * min(1.0, (own + min(others, own)) / _ENOUGH)

    def _forget(self, caller: str) -> None:
        self._asked.pop(caller, None)
        self._scores.pop(caller, None)
        for template in self._templates:
            template.counts.pop(caller, None)


def sketch(content: bytes) -> Sketch:
    """Return the smallest hashes of a text's words and pairs of words, numbers apart."""
    words = content.translate(_LETTERS).split()
    parts = {hash(word) for word in words} | {hash(pair) for pair in itertools.pairwise(words)}
    return frozenset(sorted(parts)[:_SKETCH])


def alike(one: Sketch, other: Sketch) -> float:
    """Estimate how much two texts have in common, from 0 to 1, by their sketches."""
    if not one or not other:
        return float(one == other)
    smallest = sorted(one | other)[:_SKETCH]
    return len([each for each in smallest if each in one and each in other]) / len(smallest)
