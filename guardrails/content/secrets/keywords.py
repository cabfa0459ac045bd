"""Credentials that only their name betrays: `password = hunter2`, `api_key: …`, `client secret is …`."""

import math
import re
from collections import Counter
from typing import Final

from lictor.guardrails.content.finding import Finding
from lictor.guardrails.content.prefilter import Pattern

TOPIC: Final = "keyword"
_NAME: Final = (
    r"(?:passw(?:or)?d|passwort|pwd|passphrase|pass|secret(?:[_ .-]?key)?|token|api[_ .-]?key|access[_ .-]?key"
    r"|auth[_ .-]?key|client[_ .-]?secret|private[_ .-]?key|encryption[_ .-]?key|credentials?|authorization|bearer)"
)
PATTERNS: Final = (
    Pattern(TOPIC, rf"(?i){_NAME}[\"'\s\]]{{0,4}}(?:=|:| is )"),
    Pattern(TOPIC, r"[0-9a-zA-Z_~.]{3}[0-9]Q~[0-9a-zA-Z_~.-]{31,34}"),
)
_PAIR: Final = re.compile(
    rf"(?i)(?<![a-z])(?<!csrf-)(?<!xsrf-)(?<!csrf_){_NAME}[\"'\]]{{0,3}}\s{{0,4}}"
    r"(?:=>|:=|={1,2}|:| is )\s{0,4}(?:bearer |basic )?[\"'`]{0,2}"
    r"([^\s\"'`,;<>(){}|\\]{6,256})(?=([\"'`(\[]?))"
)
_AZURE: Final = re.compile(r"(?<![\w~.])[0-9a-zA-Z_~.]{3}[0-9]Q~[0-9a-zA-Z_~.-]{31,34}(?![\w~-])")
_PLACEHOLDER: Final = re.compile(
    r"(?i)^[$%{<\[*]|x{4}|\*{3}|\.{3}|…|example|sample|changeme|change_me|your|redact|placeholder|dummy|fixme|todo|"
    r"^(?:none|null|true|false|undefined|string|required|optional)$|^(?:os|self|env|process|config|settings|args|request|"
    r"secrets|vars|params|this)\.|^https?:|^/|\$\{|\{\{|^(.)\1+$|1234567890|abcdef|^[a-z_]+\.[a-z_.]+$|‹"
)
_LONGEST: Final = 65_536
_OVERLAP: Final = 300
_MOST: Final = 64
_SHORTEST_IN_ADDRESS: Final = 20
"""The tokens of badges in web addresses are shorter and public."""


def find_pairs(text: bytes) -> list[Finding]:
    """Return named values that look random enough to be credentials, at most 64; the more random, the higher."""
    found: dict[str, Finding] = {}
    plain = text.decode("utf-8", "replace")
    for start in range(0, len(plain), _LONGEST):
        part = plain[max(0, start - _OVERLAP) : start + _LONGEST]
        for match in _PAIR.finditer(part):
            value, after = match.groups()
            in_address = part[match.start() - 1 : match.start()] in {"?", "&"}
            value = value.rstrip(".").split("&")[0] if in_address else value.rstrip(".")
            hollow = after in {"(", "["} or (in_address and len(value) < _SHORTEST_IN_ADDRESS)
            score = 0.0 if hollow or value in found else rate_value(value)
            if score > 0:
                found[value] = _finding("keyword", score, text, value)
            if len(found) >= _MOST:
                return list(found.values())
        for match in _AZURE.finditer(part):
            found.setdefault(match[0], _finding("azure", 1.0, text, match[0]))
    return list(found.values())


def rate_value(value: str) -> float:
    """Return how much a value looks like a credential, 0 for a placeholder or a plain word."""
    if len(value) < 6 or _PLACEHOLDER.search(value) is not None:
        return 0.0
    classes = (
        any(sign.islower() for sign in value)
        + any(sign.isupper() for sign in value)
        + any(sign.isdigit() for sign in value)
        + any(not sign.isalnum() for sign in value)
    )
    digits = sum(sign.isdigit() for sign in value)
    if classes < 2 or digits == 0 or digits == len(value):
        return 0.0
    entropy = -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())
    if len(value) >= 16 and entropy >= 3.2:
        return 0.95
    return 0.9 if entropy >= 2.5 else 0.0


def _finding(kind: str, score: float, text: bytes, value: str) -> Finding:
    raw = value.encode("utf-8", "replace")
    start = text.find(raw)
    return Finding("secret", kind, score, start, start + len(raw) if start >= 0 else -1)
