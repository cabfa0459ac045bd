"""A question into what is looked for. Pure text work: whatever a model writes, the full-text syntax holds."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lictor.runtime.tools.words import COMMON, STOP

MOST_WORDS: Final = 64
"""Words of a question that are read."""
LONGEST_PHRASE: Final = 3
WEAK: Final = 0.5
"""Weight of a word that says little about a subject."""

_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that a question is about."""

    wordings: tuple[str, ...]
    """How the question says it; each is words joined by spaces."""
    synonyms: tuple[str, ...] = ()
    """How else it is said."""
    weight: float = 1.0


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as they are looked for."""
    return tuple(word.casefold() for word in _WORD.findall(text)[:MOST_WORDS])


def concepts_of(
    words: Sequence[str], synonyms: Callable[[str], Sequence[str]], known: Callable[[str], bool]
) -> tuple[Concept, ...]:
    """Return what the words of a question are about, in order.

    `synonyms` returns other wordings of a phrase. `known` tells whether a word occurs at all: by it, neighbours are
    found that are written as one word elsewhere (`back up`, `backup`). Words that say nothing are left out unless
    all do.
    """
    found: list[Concept] = []
    at = 0
    while at < len(words):
        concept, taken = _longest(words[at : at + LONGEST_PHRASE], synonyms, known)
        if concept is not None:
            found.append(concept)
        at += taken
    return _distinct(found) or _distinct(Concept((word,)) for word in words)


def match(phrase: str) -> str:
    """Return the FTS5 expression for one phrase that is made of words of this module."""
    return f'"{phrase}"'


def _longest(
    words: Sequence[str], synonyms: Callable[[str], Sequence[str]], known: Callable[[str], bool]
) -> tuple[Concept | None, int]:
    for size in range(len(words), 1, -1):
        phrase = " ".join(words[:size])
        others = tuple(synonyms(phrase))
        joined = "".join(words[:size])
        if not others and size == 2 and len(joined) > 4 and known(joined):
            others = (joined,)
        if others:
            return Concept((phrase,), others), size
    word = words[0]
    if word in STOP:
        return None, 1
    return Concept((word,), tuple(synonyms(word)), WEAK if word in COMMON else 1.0), 1


def _distinct(concepts: Iterable[Concept]) -> tuple[Concept, ...]:
    """Make one of concepts that mean the same: a question that says both `staff` and `user` does not count double."""
    kept: list[Concept] = []
    for concept in concepts:
        (wording,) = concept.wordings
        for place, earlier in enumerate(kept):
            if wording in earlier.wordings:
                break
            if wording in earlier.synonyms:
                others = tuple(synonym for synonym in earlier.synonyms if synonym != wording)
                kept[place] = replace(earlier, wordings=(*earlier.wordings, wording), synonyms=others)
                break
        else:
            kept.append(concept)
    return tuple(kept)
