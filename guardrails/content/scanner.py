"""The scanners behind one prefilter: secrets and personal data of a body, at the least cost for a clean one."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from threading import get_ident
from typing import Final

from lictor.guardrails.content.canonical import TooCostly
from lictor.guardrails.content.encoded import PATTERNS as ENCODED_PATTERNS
from lictor.guardrails.content.finding import Finding
from lictor.guardrails.content.looking import UNSCANNED, look
from lictor.guardrails.content.pii.patterns import PATTERNS as PII_PATTERNS
from lictor.guardrails.content.prefilter import Prefilter
from lictor.guardrails.content.secrets import keywords, leaks
from lictor.guardrails.content.secrets.known import KnownSecrets
from lictor.guardrails.content.text import read_text
from lictor.protocols.identifiers import is_id

_THREADS: Final = 4
_USUAL: Final = frozenset({"application/json", "text/plain", "text/event-stream"})
_TRACE: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
CLEAN: Final[tuple[Finding, ...]] = ()


class Scanner:
    """Finds secrets and personal data. `known` are secrets of this team, by name. One thread at a time.

    A clean text costs one pass of the prefilter (and one for each form of the known secrets).
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        """Compile the prefilter: 0.1 s."""
        self.known = KnownSecrets(known or {})
        self._prefilter = built_in(get_ident())

    def scan(self, body: bytes) -> tuple[Finding, ...]:
        """Return what a body holds; raises whatever a scanner raises, which must deny.

        `secret/unscanned` and `pii/unscanned` stand for what could not be looked at within the budget of one message.
        """
        try:
            text = read_text(body)
        except TooCostly:
            return (Finding("secret", UNSCANNED), Finding("pii", UNSCANNED))
        topics = self._prefilter.topics(text)
        if not topics and not self.known.names:
            return CLEAN
        found = self.known.find(text)
        if topics:
            seen, cut = look(text, topics, self._prefilter, known=self.known.find)
            found += seen
            found += [Finding(guard, UNSCANNED) for guard in sorted(cut)]
        return tuple(found) if found else CLEAN

    def scan_words(self, words: Sequence[str]) -> tuple[Finding, ...]:
        """Return what the headers of a message hold: step, context, parent, trace and content type as they came.

        Free when all are empty, ids or the usual types.
        """
        said = unusual(words)
        return self.scan("\n".join(said).encode("utf-8", "replace")) if said else CLEAN


def unusual(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words that are neither empty nor an id, a trace or a usual content type."""
    return tuple(
        word for word in words if word and word not in _USUAL and not is_id(word) and _TRACE.fullmatch(word) is None
    )


def scan_words(words: Sequence[str]) -> tuple[Finding, ...]:
    """Return what the headers of a message hold, without the team's own secrets: Scanner.scan_words knows those."""
    return Scanner().scan_words(words)


@lru_cache(maxsize=_THREADS)
def built_in(_thread: int) -> Prefilter:
    """Return the prefilter of all that is built in, one for each thread: it keeps what it finds while it looks."""
    return Prefilter([*leaks.list_patterns(), *keywords.PATTERNS], PII_PATTERNS, ENCODED_PATTERNS)
