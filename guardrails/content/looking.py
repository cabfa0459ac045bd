"""Looking closely: the scanners see only those blocks of a text that the prefilter points at, within a budget."""

from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

from lictor.guardrails.content.encoded import TOPIC as ENCODED
from lictor.guardrails.content.encoded import decode_once
from lictor.guardrails.content.finding import Finding
from lictor.guardrails.content.pii.scanner import find_spans
from lictor.guardrails.content.prefilter import Prefilter
from lictor.guardrails.content.secrets import keywords, leaks

UNSCANNED: Final = "unscanned"
"""Kind of the finding that stands for what nobody looked at, because the budget was spent."""
PII: Final = "pii-"
_BLOCK: Final = 4_096
_OVERLAP: Final = 1_024
_LONG: Final = (b"-----BEGIN", b"-----begin", b"eyJ")
"""What begins longer secrets: a block that holds one is looked at with the block after it."""
_WHOLE: Final = 16_384
"""Bytes of a text that is looked at in one piece."""
_LEAKS: Final = 196_608
_PAIRS: Final = 98_304
_DECODED: Final = 262_144
_EACH: Final = 64
_ESCAPED: Final = 8
"""What a piece and what an escape count, in bytes: many small ones cost more than they are long."""
_PII: Final = 45_000
_COSTS: Final = {"email": 110, "card": 260, "iban": 35, "ssn": 70, "ip": 150, "phone": 1200}
"""Microseconds that a KiB costs at worst, as measured."""
_ENOUGH: Final = 32
_MOST: Final = 512
"""Places of one kind that are looked for at all."""
_DEEPEST: Final = 3


Known = Callable[[bytes], list[Finding]]
"""Finds the secrets of the team in a text."""


class Sight(NamedTuple):
    """What was seen in a text."""

    findings: list[Finding]
    cut: frozenset[str]
    """Guards that could not look at all that they had to: `secret`, `pii`."""


class _Budget:
    """What may still be spent on one message, all that is encoded in it included."""

    def __init__(self) -> None:
        self.leaks, self.pairs, self.pii, self.decoded = _LEAKS, _PAIRS, _PII, _DECODED
        self.most_pairs = leaks.MOST_PAIRS
        self.counts: dict[str, int] = {}
        self.cut: set[str] = set()


def look(
    text: bytes, topics: Collection[str], prefilter: Prefilter, *, everywhere: bool = False, known: Known | None = None
) -> Sight:
    """Return what a text holds that touches the topics; of each class some 32 findings, with `everywhere` all.

    Raises whatever a scanner raises. The work is bounded: what it does not reach is named in `cut`.
    """
    budget = _Budget()
    found = _look(text, topics, prefilter, budget, everywhere=everywhere)
    if ENCODED in topics and not everywhere and "secret" not in budget.cut:
        found += _look_inside(text, topics, prefilter, budget, known)
    return Sight(found, frozenset(budget.cut))


def _look_inside(
    text: bytes, topics: Collection[str], prefilter: Prefilter, budget: _Budget, known: Known | None
) -> list[Finding]:
    found: list[Finding] = []
    waiting = [(block, 0) for _, block, about in _blocks(text, topics, prefilter) if ENCODED in about]
    while waiting:
        source, level = waiting.pop()
        budget.decoded -= _ESCAPED * (source.count(b"&#") + source.count(b"%") + source.count(b"\\"))
        for inner in decode_once(source):
            budget.decoded -= len(inner) // 2 + _EACH
            if budget.decoded < 0:
                budget.cut.add("secret")
                return found
            about = prefilter.topics(inner)
            if known is not None:
                found += known(inner)
            if about:
                found += _look(inner, about, prefilter, budget)
                if ENCODED in about and level + 1 < _DEEPEST:
                    waiting.append((inner, level + 1))
    return [Finding(each.guard, each.kind, each.score, detail=each.detail or "encoded") for each in found]


def _look(
    text: bytes, topics: Collection[str], prefilter: Prefilter, budget: _Budget, *, everywhere: bool = False
) -> list[Finding]:
    found: list[Finding] = []
    for start, block, about in _blocks(text, topics, prefilter):
        seen = [*_secrets(block, about, budget), *_personal(block, about, budget, everywhere=everywhere)]
        found += [_moved(each, start) for each in seen] if start else seen
    return found


def _secrets(block: bytes, about: Collection[str], budget: _Budget) -> Iterator[Finding]:
    if "secret" in budget.cut:
        return  # it is refused or let through as a whole
    if leaks.TOPIC in about:
        cost = len(block) * (1 + (keywords.TOPIC in about) + 2 * any(word in block for word in _LONG))
        if budget.leaks < cost or budget.counts.get("leaks", 0) >= _ENOUGH:
            budget.cut.add("secret")
        else:
            budget.leaks -= cost
            found, budget.most_pairs = leaks.find_some(block, budget.most_pairs, _ENOUGH)
            budget.counts["leaks"] = budget.counts.get("leaks", 0) + len(found)
            yield from found
    if keywords.TOPIC in about:
        if budget.pairs < len(block) or budget.counts.get("pairs", 0) >= _ENOUGH:
            budget.cut.add("secret")
        else:
            budget.pairs -= len(block)
            found = keywords.find_pairs(block)
            budget.counts["pairs"] = budget.counts.get("pairs", 0) + len(found)
            yield from found


def _personal(block: bytes, about: Collection[str], budget: _Budget, *, everywhere: bool) -> Iterator[Finding]:
    kinds = []
    for topic in about:
        kind = topic.removeprefix(PII)
        if kind == topic or (not everywhere and budget.counts.get(kind, 0) >= _ENOUGH):
            continue  # of a class that was found, more would tell nothing
        cost = _COSTS[kind] * len(block) // 1024
        if budget.pii < cost or budget.counts.get(kind, 0) >= _MOST:
            budget.cut.add("pii")
            continue
        budget.pii -= cost
        kinds.append(kind)
    if not kinds:
        return
    plain = block.decode("utf-8", "replace")
    for kind, start, end in find_spans(plain, kinds):
        budget.counts[kind] = budget.counts.get(kind, 0) + 1
        if len(plain) == len(block):
            yield Finding("pii", kind, 1.0, start, end)
        else:
            first = len(plain[:start].encode())
            yield Finding("pii", kind, 1.0, first, first + len(plain[start:end].encode()))


def _blocks(text: bytes, topics: Collection[str], prefilter: Prefilter) -> Iterator[tuple[int, bytes, Collection[str]]]:
    """Yield the blocks that touch a topic, each with its place; they overlap, and none begins within a character."""
    if len(text) <= _WHOLE:
        yield 0, text, topics
        return
    start = 0
    while start < len(text):
        block = text[start : _edge(text, start + _BLOCK)]
        about = prefilter.topics(block)
        if about:
            if leaks.TOPIC in about and any(word in block for word in _LONG):
                block = text[start : _edge(text, start + 2 * _BLOCK)]
            yield start, block, about
        if start + _BLOCK >= len(text):
            return
        start = _edge(text, start + _BLOCK - _OVERLAP)


def _edge(text: bytes, place: int) -> int:
    while place < len(text) and text[place] & 0xC0 == 0x80:
        place += 1
    return place


def _moved(found: Finding, by: int) -> Finding:
    if found.start < 0:
        return found
    return Finding(found.guard, found.kind, found.score, found.start + by, found.end + by, found.detail)
