"""Redaction: what was found is taken out of the strings of a body, and a mark says what stood there."""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from threading import get_ident
from typing import Final, NamedTuple

import msgspec

from lictor.guardrails.content.canonical import canonicalise
from lictor.guardrails.content.finding import Finding
from lictor.guardrails.content.looking import PII, look
from lictor.guardrails.content.pii.patterns import CLASSES
from lictor.guardrails.content.scanner import built_in
from lictor.guardrails.content.secrets import keywords, leaks

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_MARK: Final = re.compile(r"‹(?:" + "|".join((*CLASSES, "secret")) + r")›")
_MARK_BYTES: Final = re.compile(rb"\xe2\x80\xb9(" + "|".join((*CLASSES, "secret")).encode() + rb")\xe2\x80\xba")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MOST: Final = 1024
"""Places of one message that are taken out."""
_MOST_QUOTES: Final = 131_072


class _Params(msgspec.Struct):
    name: str = ""


class _Call(msgspec.Struct):
    method: str = ""
    params: _Params | None = None


_call: Final = msgspec.json.Decoder(_Call)


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


class _Token(NamedTuple):
    """A string of a body: its place there, quotes included, and the place of what it says in the text."""

    first: int
    last: int
    start: int
    end: int


def redact(body: bytes, classes: Collection[str]) -> Redacted:
    """Return the body with `‹email›` where an e-mail address stood, likewise for every class.

    Classes are `email`, `pii/email`, `pii` (all kinds) or `secret`; others are left alone. Only JSON strings change,
    keys among them; all else stays byte for byte. A string that hides what is found in another spelling is replaced
    by its canonical text. What stands outside any string, e.g. as a number, stays.
    Raises NotRedacted when not everything could be looked at, when there is too much to take out, and when the name of
    a method or of a tool would change: what was judged must be what is delivered. Raises TooCostly as `canonicalise`.
    """
    wanted = _wanted(classes)
    if not wanted:
        return Redacted(body)
    if body.count(b'"') > _MOST_QUOTES:
        raise NotRedacted(f"it has more than {_MOST_QUOTES // 2} strings")
    text, tokens = _read(body)
    taken = _find(text, wanted)
    if not taken:
        return Redacted(body)
    fixed = _fixed(body)
    removed: list[tuple[str, str]] = []
    pieces: list[bytes] = []
    last, at = 0, 0
    for token in tokens:
        while at < len(taken) and taken[at].end <= token.start:
            at += 1
        if at >= len(taken):
            break
        if taken[at].start >= token.end:
            continue
        said = text[token.start : token.end].decode("utf-8", "replace")
        if said in fixed:
            raise NotRedacted("the name of a method or tool holds what is to be taken out")
        pieces += (body[last : token.first], _encoded(_masked(text, token, taken, at, removed)))
        last = token.last
    if not removed:
        return Redacted(body)
    if len(removed) > _MOST:
        raise NotRedacted(f"more than {_MOST} places would have to be taken out")
    pieces.append(body[last:])
    return Redacted(b"".join(pieces), tuple(removed))


def _read(body: bytes) -> tuple[bytes, list[_Token]]:
    """Return the text of a body, punctuation and all, and where its strings are in both."""
    lowered = body.lower()
    silent = any(word in lowered for word in (b"leaks", b"trufflehog", b"allowlist"))
    if not silent and b"\\" not in body and body.isascii() and _CONTROL.search(body) is None:
        return body, [_Token(*found.span(), found.start() + 1, found.end() - 1) for found in _STRING.finditer(body)]
    parts: list[bytes] = []
    tokens: list[_Token] = []
    last = size = 0
    for found in _STRING.finditer(body):
        first, end = found.span()
        said = _said(found[0])
        parts += (body[last : first + 1], said)
        size += first + 1 - last
        tokens.append(_Token(first, end, size, size + len(said)))
        size += len(said)
        last = end - 1
    parts.append(body[last:])
    return b"".join(parts), tokens


def _fixed(body: bytes) -> frozenset[str]:
    """Return the words by which a call was judged, as they stand and canonical."""
    try:
        call = _call.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return frozenset()
    words = {call.method, call.params.name if isinstance(call.params, _Params) else ""} - {""}
    return frozenset(words | {canonicalise(word) for word in words})


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


def _said(token: bytes) -> bytes:
    """Return the canonical text of a JSON string."""
    try:
        text = json.loads(token)
    except (ValueError, RecursionError):
        text = token[1:-1].decode("utf-8", "replace")
    return canonicalise(text).encode("utf-8", "replace")


def _find(text: bytes, wanted: frozenset[str]) -> list[_Piece]:
    """Return what is to be taken out, in order and without overlaps."""
    prefilter = built_in(get_ident())
    topics = [
        topic
        for topic in prefilter.topics(text)
        if topic.removeprefix(PII) in wanted or (topic in {leaks.TOPIC, keywords.TOPIC} and "secret" in wanted)
    ]
    found: list[_Piece] = []
    if topics:
        seen, cut = look(text, topics, prefilter, everywhere=True)
        if cut:
            raise NotRedacted(f"there is more of what may be {' or '.join(sorted(cut))} than can be looked at")
        found = list(_places(text, seen, wanted))
    if not found:
        return []
    found += [_Piece(mark[1].decode(), *mark.span()) for mark in _MARK_BYTES.finditer(text)]
    taken: list[_Piece] = []
    end = 0
    for piece in sorted(set(found), key=lambda each: (each.start, -each.end)):
        if piece.start >= end:
            end = piece.end
            taken.append(piece)
    return taken


def _places(text: bytes, seen: Iterable[Finding], wanted: frozenset[str]) -> Iterator[_Piece]:
    """Yield every place of what was seen; a secret is taken out wherever it stands again."""
    values: set[bytes] = set()
    for finding in seen:
        if finding.guard == "pii" and finding.kind in wanted:
            yield _Piece(finding.kind, finding.start, finding.end)
        elif finding.guard == "secret" and "secret" in wanted and 0 <= finding.start < finding.end:
            values.add(text[finding.start : finding.end])
    places = 0
    for value in values:
        start = text.find(value)
        while start >= 0:
            places += 1
            if places > _MOST:
                raise NotRedacted(f"more than {_MOST} places would have to be taken out")
            yield _Piece("secret", start, start + len(value))
            start = text.find(value, start + len(value))


def _masked(text: bytes, token: _Token, taken: list[_Piece], at: int, removed: list[tuple[str, str]]) -> str:
    """Return what a string says without the pieces from `at` on that reach into it."""
    parts: list[bytes] = []
    last = token.start
    while at < len(taken) and taken[at].start < token.end:
        kind, start, end = taken[at]
        start, end = max(start, token.start), min(end, token.end)
        removed.append((kind, text[start:end].decode("utf-8", "replace")))
        parts += (text[last:start], f"‹{kind}›".encode())
        last = end
        at += 1
    return b"".join((*parts, text[last : token.end])).decode("utf-8", "replace")


def _encoded(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")
