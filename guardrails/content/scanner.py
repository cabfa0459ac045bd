"""The scanners behind one prefilter: secrets and personal data of a body, at the least cost for a clean one."""

from collections.abc import Mapping
from functools import lru_cache
from threading import get_ident
from typing import Final

from lictor.guardrails.content.encoded import PATTERNS as ENCODED_PATTERNS
from lictor.guardrails.content.encoded import TOPIC as ENCODED
from lictor.guardrails.content.encoded import decode_all
from lictor.guardrails.content.finding import Finding
from lictor.guardrails.content.pii.patterns import PATTERNS as PII_PATTERNS
from lictor.guardrails.content.pii.scanner import find_spans
from lictor.guardrails.content.prefilter import Prefilter
from lictor.guardrails.content.secrets import keywords, leaks
from lictor.guardrails.content.secrets.known import KnownSecrets
from lictor.guardrails.content.text import read_text

_PII: Final = "pii-"
_THREADS: Final = 4
CLEAN: Final[tuple[Finding, ...]] = ()


class Scanner:
    """Finds secrets and personal data. `known` are secrets of this team, by name. One thread at a time.

    A clean text costs one pass of the prefilter (and one for each form of the known secrets).
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        """Compile the prefilter: 0.1 s."""
        self.known = KnownSecrets(known or {})
        self._prefilter = _built_in(get_ident())

    def scan(self, body: bytes) -> tuple[Finding, ...]:
        """Return what a body holds; raises whatever a scanner raises, which must deny."""
        text = read_text(body)
        topics = self._prefilter.topics(text)
        if not topics and not self.known.names:
            return CLEAN
        found = self.known.find(text)
        if topics:
            found += _look(text, topics)
            if ENCODED in topics:
                for inner in decode_all(text):
                    found += self.known.find(inner)
                    found += _look(inner, self._prefilter.topics(inner), inside=True)
        return tuple(found) if found else CLEAN


@lru_cache(maxsize=_THREADS)
def _built_in(_thread: int) -> Prefilter:
    """Return the prefilter of all that is built in, one for each thread: it keeps what it finds while it looks."""
    return Prefilter([*leaks.list_patterns(), *keywords.PATTERNS], PII_PATTERNS, ENCODED_PATTERNS)


def _look(text: bytes, topics: frozenset[str], *, inside: bool = False) -> list[Finding]:
    """Return what the scanners find that the topics call for; places inside what was encoded mean nothing outside."""
    found: list[Finding] = []
    if leaks.TOPIC in topics:
        found += leaks.find_leaks(text)
    if keywords.TOPIC in topics:
        found += keywords.find_pairs(text)
    kinds = [topic.removeprefix(_PII) for topic in topics if topic.startswith(_PII)]
    if kinds:
        plain = text.decode("utf-8", "replace")
        found += [Finding("pii", kind, 1.0, start, end) for kind, start, end in find_spans(plain, kinds)]
    return [Finding(each.guard, each.kind, each.score, detail="encoded") for each in found] if inside else found
