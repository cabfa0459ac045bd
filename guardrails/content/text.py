"""The text of a body: all that its JSON says, as canonical UTF-8 bytes, at the least cost that is safe."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from lictor.guardrails.content.canonical import TooCostly, canonicalise

_SIMPLE: Final = ((b"\\n", b"\n"), (b'\\"', b'"'), (b"\\t", b"\t"), (b"\\r", b"\r"), (b"\\/", b"/"))
_DEEPEST: Final = 64
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_MEANING: Final = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}


def read_text(body: bytes) -> bytes:
    """Return the canonical text of a body, keys and values as they stand; raises TooCostly and nothing else.

    JSON's escapes are resolved in place, without parsing: what is no JSON, nested a thousand deep or says a key twice
    hides nothing. A body of plain ASCII without escapes is its own text: JSON's punctuation disturbs no scanner.
    """
    if not body.isascii():
        text = body.decode("utf-8", "replace")
        return canonicalise(_unescape(text) if "\\" in text else text).encode("utf-8", "replace")
    escapes = body.count(b"\\")
    if not escapes:
        return body
    plain = body
    for escaped, meant in _SIMPLE:
        count = body.count(escaped)
        if count:
            escapes -= count
            plain = plain.replace(escaped, meant)
    if not escapes:
        return plain
    return canonicalise(_unescape(body.decode("ascii"))).encode("utf-8", "replace")


def _unescape(text: str) -> str:
    text = _ESCAPE.sub(_resolve, text)
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # two halves make one character


def _resolve(found: re.Match[str]) -> str:
    code, sign = found.groups()
    return chr(int(code, 16)) if code else _MEANING.get(sign, sign)


def read_said(body: bytes) -> str:
    """Return what a body says in sentences: its strings that hold a space, a line each, canonical; never raises.

    Of what is no JSON, all of it; nothing of what costs too much to read, which the scanner reports.
    Ids, methods and punctuation would only disturb who reads for meaning.
    """
    try:
        said = "\n".join(_strings(msgspec.json.decode(body), 0))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError):
        return _read_whole(body)
    try:
        return canonicalise(said)
    except TooCostly:
        return ""


def _read_whole(body: bytes) -> str:
    try:
        return read_text(body).decode("utf-8", "replace")
    except TooCostly:
        return ""


def _strings(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if " " in value or not value.isascii():
            yield value
    elif depth < _DEEPEST:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for each in inner:
            yield from _strings(each, depth + 1)
