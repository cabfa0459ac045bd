"""Groundedness: what an answer that cites says must stand in the passages its task has read. By words, not by sense."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple, Protocol

_CITES: Final = re.compile(
    r"\[\d{1,3}\]|[«‹][^«»‹›\n]{2,120}[»›]|§ ?\w|(?i:\(?\b(?:source|quelle|see|according to)\b:? )"
)
_MARKS: Final = re.compile(r"\[\d{1,3}\]|[«‹][^«»‹›\n]{2,120}[»›]|§ ?[\w ]{1,60}|(?i:\(source:[^)]{1,120}\))")
_SENTENCE: Final = re.compile(r"[^.!?\n]+(?:[.!?](?=\w)[^.!?\n]*)*[.!?]*[\"'”]?\s*", re.UNICODE)
_QUOTE: Final = re.compile(r"[\"“„]([^\"“”„\n]{12,400})[\"”“]")
_WORD: Final = re.compile(r"\w+(?:[.,]\d+)*", re.UNICODE)
_ENDINGS: Final = ("ings", "ing", "edly", "ed", "es", "s", "ly", "en", "er")
_COMMON: Final = frozenset(
    "a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it "  # noqa: SIM905 -- words read better in a row
    "its may might must my no nor not of on or our she should so such than that the their them then there these they "
    "this those to was we were what when where which who whose will with would you your der die das und ist ein eine "
    "zu den im in von mit auf für".split()
)
_NEGATIONS: Final = frozenset(
    {"not", "no", "never", "nicht", "kein", "keine", "nie", "without", "cannot", "n't", "nor"}
)
_NUMBERS: Final = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
_SPAN: Final = 3
"""Neighbouring sentences of a passage that together may support one sentence."""
_MOST: Final = 64
_MOST_SPANS: Final = 1024
_FEWEST_WORDS: Final = 3


class Passages(Protocol):
    """What a task has read."""

    def passages(self, task: str, principal: str) -> Sequence[str]:
        """Return the texts that a principal has been given in a task: answers of its tools, retrieved passages."""
        ...


class Unsupported(NamedTuple):
    """A sentence that the passages do not support."""

    sentence: str
    lack: float
    """How much of it they lack, from 0 to 1."""
    place: int = 0
    """Which sentence of the answer it is, from 1."""


def cites(text: str) -> bool:
    """Tell whether an answer refers to what it rests on: [1], «file § heading», `according to`, a quotation."""
    return _CITES.search(text) is not None or _QUOTE.search(text) is not None


def find_unsupported(text: str, passages: Sequence[str], least: float = 0.5) -> list[Unsupported]:
    """Return the sentences of which the passages lack at least `least`, in their order; at most 64 are looked at.

    A sentence's words must stand in a few neighbouring sentences of one passage, its numbers and quotations exactly,
    and a `not` must be there in both or in neither. Sentences of fewer than 3 weighty words say nothing.
    """
    newest = (span for passage in reversed(passages) for span in _spans(passage))
    spans = [_words(span) for span in islice(newest, _MOST_SPANS)]
    whole = " ".join(_squeezed(passage) for passage in passages)
    found: list[Unsupported] = []
    for place, sentence in enumerate(islice(_sentences(_MARKS.sub(" ", text)), _MOST), 1):
        said = _words(sentence)
        if len(said.stems) + len(said.numbers) < _FEWEST_WORDS and not said.numbers:
            continue
        lack = _lack(said, spans)
        if any(_squeezed(quote) not in whole for quote in _QUOTE.findall(sentence)):
            lack = 1.0
        if lack >= least:
            found.append(Unsupported(sentence.strip(), round(lack, 2), place))
    return found


class _Words(NamedTuple):
    stems: frozenset[str]
    numbers: frozenset[str]
    negated: bool


def _lack(said: _Words, spans: Sequence[_Words]) -> float:
    least = 1.0
    total = len(said.stems) + 2 * len(said.numbers)
    for span in spans:
        there = len(said.stems & span.stems) + 2 * len(said.numbers & span.numbers)
        lack = 1 - there / max(1, total)
        if said.numbers - span.numbers:
            lack = max(lack, 0.75)
        if said.negated != span.negated:
            lack = max(lack, 0.5)
        least = min(least, lack)
    return least


def _spans(passage: str) -> Iterator[str]:
    sentences = list(_sentences(passage))
    for start in range(max(1, len(sentences) - _SPAN + 1)):
        yield " ".join(sentences[start : start + _SPAN])
    yield from sentences


def _sentences(text: str) -> Iterator[str]:
    return (match[0] for match in _SENTENCE.finditer(text) if match[0].strip())


def _words(text: str) -> _Words:
    said = [word.casefold() for word in _WORD.findall(text.replace("n't", " not"))]
    words = [_NUMBERS.get(word, word) for word in said]
    numbers = {word.replace(",", "") for word in words if word[0].isdecimal()}
    stems = {_stem(word) for word in words if word not in _COMMON and not word[0].isdecimal()}
    return _Words(frozenset(stems), frozenset(numbers), any(word in _NEGATIONS for word in words))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _squeezed(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


class ReadPassages:
    """Remembers what each principal has read in each task, bounded: the newest texts, the newest tasks."""

    def __init__(self, tasks: int = 256, texts: int = 64, longest: int = 16_384) -> None:
        self._tasks, self._texts, self._longest = tasks, texts, longest
        self._read: dict[tuple[str, str], list[str]] = {}

    def add(self, task: str, principal: str, text: str) -> None:
        """Remember a text that was delivered to a principal in a task."""
        read = self._read.pop((task, principal), [])
        read.append(text[: self._longest])
        del read[: -self._texts]
        self._read[task, principal] = read
        while len(self._read) > self._tasks:
            del self._read[next(iter(self._read))]

    def passages(self, task: str, principal: str) -> Sequence[str]:
        """Return what was remembered."""
        return self._read.get((task, principal), [])
