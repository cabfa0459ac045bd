"""Encoded text: base64, hex and URL escapes inside a text, decoded a few levels deep and within a budget."""

import base64
import binascii
import html
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

from lictor.guardrails.content.canonical import canonicalise
from lictor.guardrails.content.prefilter import Pattern

TOPIC: Final = "encoded"
_DEEPEST: Final = 3
_BUDGET: Final = 262_144
"""Bytes that are decoded of one text, all levels together."""
_SHORTEST: Final = 6
_PRINTABLE: Final = bytes(byte for byte in range(32, 127)) + b"\t\n\r"

PATTERNS: Final = (
    Pattern(TOPIC, r"[A-Za-z0-9+/]{27,}"),
    Pattern(TOPIC, r"[A-Za-z0-9+/_-]{15,}="),
    Pattern(TOPIC, r"[A-Za-z0-9_-]{40,}"),
    Pattern(TOPIC, r"[0-9a-fA-F]{24,}"),
    Pattern(TOPIC, r"(?:[0-9a-fA-F]{2}[ :,]){8,}"),
    Pattern(TOPIC, r"%[0-7][0-9a-fA-F].{0,12}%[0-7][0-9a-fA-F]"),
    Pattern(TOPIC, r"\\(?:u00[0-7]|x[0-7])[0-9a-fA-F]"),
    Pattern(TOPIC, r"&#x?[0-9a-fA-F]{2,5};"),
)
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX: Final = re.compile(rb"(?:[0-9a-fA-F]{2}[ :,]?){12,}")
_URL: Final = re.compile(rb"%[0-9a-fA-F]{2}")
_ESCAPE: Final = re.compile(rb"\\(?:u00|x)([0-9a-fA-F]{2})")


def decode_all(text: bytes, depth: int = _DEEPEST) -> Iterator[bytes]:
    """Yield what is encoded in a text, each as canonical UTF-8, and what is encoded in that; at most 256 KiB."""
    budget = _BUDGET
    waiting = [(text, 0)]
    while waiting:
        source, level = waiting.pop()
        for plain in decode_once(source):
            budget -= len(plain)
            if budget < 0:
                return
            yield plain
            if level + 1 < depth:
                waiting.append((plain, level + 1))


def decode_once(text: bytes) -> Iterator[bytes]:
    """Yield what is encoded in a text, each as canonical UTF-8; nothing of what is encoded in that."""
    for found in _decode_once(text):
        yield canonicalise(found.decode("utf-8", "replace")).encode("utf-8", "replace")


def _decode_once(text: bytes) -> Iterator[bytes]:
    if len(_URL.findall(text[:_BUDGET])) > 1:
        yield unquote_to_bytes(text[:_BUDGET].replace(b"+", b" "))
    if b"&#" in text:
        yield html.unescape(text[:_BUDGET].decode("utf-8", "replace")).encode()
    if _ESCAPE.search(text) is not None:
        yield _ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), text[:_BUDGET])
    for match in _HEX.finditer(text):
        digits = re.sub(rb"[ :,]", b"", match[0])
        yield from _readable(bytes.fromhex(digits[: len(digits) & ~1].decode()))
    for match in _BASE64.finditer(text):
        run = match[0].rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        run = run[: len(run) - (len(run) % 4 == 1)]
        try:
            yield from _readable(base64.b64decode(run + b"=" * (-len(run) % 4)))
        except (binascii.Error, ValueError):
            continue


def _readable(plain: bytes) -> Iterator[bytes]:
    """Yield what was decoded if it reads like text: random bytes would be scanned for nothing."""
    if len(plain) >= _SHORTEST and len(plain.translate(None, _PRINTABLE)) * 8 <= len(plain):
        yield plain
