"""Labels: how confidential data is, whether strangers wrote it, whose it is. Computed by the enforcer, never claimed.

The lattice is the product of confidentiality (public < internal < secret), integrity (trusted < untrusted), the
team's own words, and the principals that the data came from; a join is the least label above both. After Denning,
"A lattice model of secure information flow" (1976).
"""

import re
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import Final

import msgspec

UNTRUSTED: Final = "untrusted"
TRUSTED: Final = "trusted"
MANY: Final = "*"
"""Stands for sources that are not listed any more."""
_MOST_SOURCES: Final = 32
_TAG: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")


class Level(IntEnum):
    """Confidentiality, from the least."""

    PUBLIC = 0
    INTERNAL = 1
    SECRET = 2

    @property
    def word(self) -> str:
        """The level as it is written in YAML and records."""
        return self.name.lower()


LEVELS: Final = {level.word: level for level in Level}


class Labels(msgspec.Struct, frozen=True, cache_hash=True):
    """What is known of some data."""

    level: Level = Level.PUBLIC
    untrusted: bool = False
    tags: frozenset[str] = frozenset()
    """The team's own words."""
    sources: frozenset[str] = frozenset()
    """Principals that the data came from; at most 32, then `*` joins them and no more are added."""

    def join(self, other: "Labels") -> "Labels":
        """Return the least labels above both; equal arguments give the same object."""
        return self if self is other else _join(self, other)

    def words(self) -> tuple[str, ...]:
        """Return the labels as words, without the sources: level unless public, untrusted, tags in order."""
        level = () if self.level is Level.PUBLIC else (self.level.word,)
        return (*level, *((UNTRUSTED,) if self.untrusted else ()), *sorted(self.tags))

    def text(self) -> str:
        """Return the words as one text, as in the header."""
        return _text(self)


class Mark(msgspec.Struct, frozen=True):
    """Labels, and for each word what first brought it."""

    labels: Labels = Labels()
    causes: tuple[tuple[str, str], ...] = ()
    """Pairs of a word and the id of a message, or `principal NAME FILE:LINE` for where a label begins."""


NO_LABELS: Final = Labels()
UNMARKED: Final = Mark()


class UnknownLabel(ValueError):
    """Raised for a word that is no label."""


def parse_labels(words: Iterable[str], sources: Iterable[str] = ()) -> Labels:
    """Return the labels that words name; of several levels the highest holds. Raises UnknownLabel."""
    level, untrusted, tags = Level.PUBLIC, False, set()
    for word in words:
        if word in LEVELS:
            level = max(level, LEVELS[word])
        elif word == UNTRUSTED:
            untrusted = True
        elif word == TRUSTED:
            continue
        elif _TAG.fullmatch(word):
            tags.add(word)
        else:
            raise UnknownLabel(f"{word!r} is no label: use public, internal, secret, untrusted, or a word of your own")
    return Labels(level, untrusted, frozenset(tags), frozenset(sources))


@lru_cache(maxsize=8192)
def _join(one: Labels, other: Labels) -> Labels:
    sources = one.sources | other.sources
    if len(sources) > _MOST_SOURCES:
        sources = frozenset([*sorted(sources - {MANY})[: _MOST_SOURCES - 1], MANY])
    joined = Labels(max(one.level, other.level), one.untrusted or other.untrusted, one.tags | other.tags, sources)
    return one if joined == one else other if joined == other else joined


@lru_cache(maxsize=8192)
def _text(labels: Labels) -> str:
    return ",".join(labels.words())
