"""Credentials of known services, found by betterleaks (MIT): a Go library, loaded at first use in this process."""

import base64
import binascii
import json
import re
from importlib import resources
from typing import Final

from lictor.guardrails.content.canonical import unsilence
from lictor.guardrails.content.finding import Finding
from lictor.guardrails.content.prefilter import Pattern, literal

TOPIC: Final = "leak"
_SCORES: Final = {"high": 1.0, "medium": 0.9, "low": 0.8}
_EMPTY: Final = 0.4
"""Score of what looks like a credential and holds nothing: an example of the documentation."""
_CHUNK: Final = 8_192
_OVERLAP: Final = 2_048
ENOUGH: Final = 32
_PAIR: Final = re.compile(
    r"(?i)((?:access|auth|api|cred|key|secret|token|pass|psw|pwd|pw|user|login|mail|uid|account|id)"
    r"[\w .\t-]{0,24}[\s'\"]{0,3})"
    r"([:=>|?,]{1,3})"
)
MOST_PAIRS: Final = 24
"""Pairs of a name and a value that the library judges in one text: each costs it a millisecond."""
_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "azp", "email"})


def list_patterns() -> list[Pattern]:
    """Return what a text must hold before the scanner need look at it; made by scripts/list-secret-patterns.py."""
    folder = resources.files("lictor.guardrails.content.secrets")
    known = json.loads((folder / "patterns.json").read_text(encoding="utf-8"))
    return [
        *(literal(TOPIC, word.encode(), any_case=True) for word in known["literals"]),
        *(Pattern(TOPIC, expression) for expression in known["expressions"]),
    ]


def find_leaks(text: bytes) -> list[Finding]:
    """Return some 32 credentials of a text at most; raises whatever the scanner raises, which must deny."""
    found: list[Finding] = []
    left = MOST_PAIRS
    for start in range(0, max(1, len(text)), _CHUNK - _OVERLAP):
        more, left = find_some(text[start : start + _CHUNK], left, ENOUGH - len(found))
        known = {(each.kind, text[each.start : each.end]) for each in found}
        moved = [
            Finding(each.guard, each.kind, each.score, each.start + start, each.end + start)
            if each.start >= 0
            else each
            for each in more
        ]
        found += [each for each in moved if (each.kind, text[each.start : each.end]) not in known]
        if len(found) >= ENOUGH:
            break
    return found


def find_some(text: bytes, pairs: int, most: int) -> tuple[list[Finding], int]:
    """Return the credentials of a block, about `most` of them at most, and how many of `pairs` are left.

    The Go runtime does not survive a fork, so nothing is loaded before the first text. A NUL would end the text early.
    """
    from betterleaks import scan_string  # noqa: PLC0415 -- see above

    found: dict[tuple[str, str], Finding] = {}
    chunk, left = _thin(unsilence(text.replace(b"\0", b" ").decode("utf-8", "replace")), pairs)
    for leak in scan_string(chunk):
        value = leak.match.value or leak.match.full
        key = (leak.rule_id, value)
        if key in found:
            continue
        raw = value.encode("utf-8", "replace")
        place = text.find(raw)
        score = _EMPTY if _holds_nothing(value) else _SCORES.get(leak.confidence or "low", 0.8)
        found[key] = Finding("secret", leak.rule_id, score, place, place + len(raw) if place >= 0 else -1)
        if len(found) >= most:
            break
    return list(found.values()), left


def _thin(text: str, most: int) -> tuple[str, int]:
    """Return the text with the first `most` pairs of a name and a value, and how many are left.

    Further pairs lose the sign between name and value: the library's general rules pass them over, and the keyword
    rule looks at them. Tokens that are known by their own form are found all the same.
    """
    seen = 0

    def part(found: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        return found[0] if seen <= most else f"{found[1]} "

    thinned = _PAIR.sub(part, text)
    return (thinned if seen > most else text), max(0, most - seen)


def _holds_nothing(value: str) -> bool:
    """Tell a token of the documentation: its payload has one claim at most, and names nobody and no time."""
    parts = value.encode("utf-8", "replace").split(b".")
    if not value.startswith("eyJ") or len(parts) < 2:
        return False
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return False
    return isinstance(payload, dict) and len(payload) < 2 and _CLAIMS.isdisjoint(payload)
