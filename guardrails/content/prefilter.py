"""The prefilter: one pass over a text that tells which guards need to look at it at all.

Hyperscan (BSD-3) compiles the expressions of all guards to a few automata: linear in the text, whatever it holds.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

import hyperscan

NOTHING: Final[frozenset[str]] = frozenset()


class Pattern(NamedTuple):
    """One expression and the topic that it raises."""

    topic: str
    expression: str
    """Hyperscan's syntax: no look-around, no back-references; bytes of UTF-8 are matched."""


def literal(topic: str, value: bytes, *, any_case: bool = False) -> Pattern:
    """Return the pattern that matches exactly these bytes."""
    return Pattern(topic, ("(?i)" if any_case else "") + "".join(f"\\x{byte:02x}" for byte in value))


class Prefilter:
    """Which topics a text touches. One thread at a time."""

    def __init__(self, *groups: Iterable[Pattern]) -> None:
        """Compile one automaton for each group; raises hyperscan.error when an expression is none.

        Plain words and loose expressions do better apart: together the loose ones slow the others down.
        """
        self._topics: list[str] = []
        self._found: set[str] = set()
        self._databases: list[hyperscan.Database] = []
        for patterns in map(tuple, groups):
            if patterns:
                self._databases.append(_compile(patterns, len(self._topics)))
                self._topics += [pattern.topic for pattern in patterns]

    def topics(self, text: bytes) -> frozenset[str]:
        """Return the topics of all patterns that match anywhere."""
        if not text:
            return NOTHING
        for database in self._databases:
            database.scan(text, match_event_handler=self._note)
        found = self._found
        if not found:
            return NOTHING
        topics = frozenset(found)
        found.clear()
        return topics

    def _note(self, pattern: int, _start: int, _end: int, _flags: int, _context: object) -> None:
        self._found.add(self._topics[pattern])


@lru_cache(maxsize=16)
def _compile(patterns: tuple[Pattern, ...], first: int) -> hyperscan.Database:
    """Return the automaton of a group, whose patterns are numbered from `first`; kept, because it costs 0.1 s."""
    database = hyperscan.Database()
    database.compile(
        expressions=[pattern.expression.encode() for pattern in patterns],
        ids=list(range(first, first + len(patterns))),
        elements=len(patterns),
        flags=[hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_ALLOWEMPTY] * len(patterns),
    )
    return database
