"""Redaction: what was found is taken out of the strings of a body, and a mark says what stood there."""

import json
import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from lictor.guardrails.content.canonical import canonicalise
from lictor.guardrails.content.pii.patterns import CLASSES
from lictor.guardrails.content.pii.scanner import find_spans
from lictor.guardrails.content.secrets.keywords import find_pairs
from lictor.guardrails.content.secrets.leaks import find_leaks

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_MARK: Final = re.compile(r"‹(?:" + "|".join((*CLASSES, "secret")) + r")›")
_CONTEXT: Final = 60


class Redacted(NamedTuple):
    """A body without what was to be taken out."""

    body: bytes
    removed: tuple[tuple[str, str], ...] = ()
    """Class and original of every mark, in the order of the marks."""


class NotRedacted(Exception):
    """Raised when something of a class is still found after redaction: the body must not be delivered."""


class _Piece(NamedTuple):
    kind: str
    start: int
    end: int


def redact(body: bytes, classes: Collection[str]) -> Redacted:
    """Return the body with `‹email›` where an e-mail address stood, likewise for every class.

    Classes are `email`, `pii/email`, `pii` (all kinds) or `secret`; others are left alone. Only JSON strings change,
    keys among them; all else stays byte for byte. A string that hides what is found in another spelling is replaced
    by its canonical text. Raises NotRedacted when it stands outside any string, e.g. as a number.
    """
    wanted = _wanted(classes)
    if not wanted:
        return Redacted(body)
    removed: list[tuple[str, str]] = []
    pieces: list[bytes] = []
    last, before = 0, ""
    for found in _STRING.finditer(body):
        text, kept = _decoded(found[0])
        taken = list(_find(text, before, wanted))
        if taken:
            pieces += (body[last : found.start()], _encoded(_masked(text, taken, removed)))
            last = found.end()
        before = kept[-_CONTEXT:]
    if not removed:
        return Redacted(body)
    pieces.append(body[last:])
    return Redacted(b"".join(pieces), tuple(removed))


def restore(body: bytes, removed: Collection[tuple[str, str]]) -> bytes:
    """Return the body with the originals where their marks stand; what was spelled unusually comes back canonical."""
    originals = iter(removed)

    def put_back(found: re.Match[str]) -> str:
        _, original = next(originals, ("", found[0]))
        return json.dumps(original, ensure_ascii=False)[1:-1]

    return _MARK.sub(put_back, body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _wanted(classes: Collection[str]) -> frozenset[str]:
    names = {name.removeprefix("pii/").split("/")[0] for name in classes}
    return frozenset((set(CLASSES) if "pii" in names else names & set(CLASSES)) | (names & {"secret"}))


def _decoded(token: bytes) -> tuple[str, str]:
    """Return the canonical text of a JSON string, and again for the string that follows it."""
    try:
        text = json.loads(token)
    except (ValueError, RecursionError):
        text = token[1:-1].decode("utf-8", "replace")
    canonical = canonicalise(text)
    return (text if canonical == text else canonical), canonical


def _find(text: str, before: str, wanted: frozenset[str]) -> Iterator[_Piece]:
    """Yield what is to be taken out, in order. What stands before may tell what a number is: `"phone": "…"`."""
    lead = f'{before}": "'
    found = [_Piece(kind, start, end) for kind, start, end in find_spans(lead + text, wanted) if start >= len(lead)]
    if "secret" in wanted:
        found += _secrets(lead, text)
    found += [_Piece(mark[0][1:-1], *(len(lead) + edge for edge in mark.span())) for mark in _MARK.finditer(text)]
    end = 0
    for piece in sorted(found, key=lambda each: (each.start, -each.end)):
        if piece.start >= end:
            end = piece.end
            yield _Piece(piece.kind, piece.start - len(lead), piece.end - len(lead))


def _secrets(lead: str, text: str) -> Iterator[_Piece]:
    raw = (lead + text).encode("utf-8", "replace")
    for finding in (*find_leaks(raw), *find_pairs(raw)):
        if finding.start >= 0:
            start = len(raw[: finding.start].decode("utf-8", "replace"))
            length = len(raw[finding.start : finding.end].decode("utf-8", "replace"))
            if start >= len(lead):
                yield _Piece("secret", start, start + length)


def _masked(text: str, taken: list[_Piece], removed: list[tuple[str, str]]) -> str:
    parts: list[str] = []
    last = 0
    for kind, start, end in taken:
        removed.append((kind, text[start:end]))
        parts += (text[last:start], f"‹{kind}›")
        last = end
    return "".join((*parts, text[last:]))


def _encoded(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")
