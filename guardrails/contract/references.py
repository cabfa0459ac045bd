"""What a free text points to: URLs, hosts, e-mail addresses, accounts and telephone numbers.

What only hides a reference is taken away first, so here, and only here, texts are decoded: too many references found
refuse too much, too few would let one pass.
"""

import html
import re
import unicodedata
from typing import Final
from urllib.parse import unquote

from lictor.guardrails.contract.extract import ACCOUNT, extract

_TAIL: Final = r"[^\s<>\"'`{}|\\^]{0,2000}"
_URL: Final = re.compile(r"[a-z][a-z0-9+.\-]{1,15}:/{1,3}" + _TAIL, re.IGNORECASE)
_EMAIL: Final = re.compile(r"[\w.%+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){0,8}")
_HOST: Final = re.compile(
    r"(?<![\w\-])(?:[\w\-]{1,63}\.){1,8}(?:xn--[\w\-]{2,59}|[^\W\d_]{2,24})(?:[/?#:]" + _TAIL + ")?"
)
_ADDRESS: Final = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]\w)")
_CALLED: Final = re.compile(r"(?<![\w.,])\+?\(?\d(?:[ ().\-/]{0,2}\d){6,20}(?![\w])")
_TRAILING: Final = ".,;:!?)]}*_-"
_DOTS: Final = str.maketrans({"\u3002": ".", "\uff61": ".", "\uff0e": "."})
_ENCODED: Final = re.compile(r"%[0-9A-Fa-f]{2}|&#?\w{2,10};")


def find_references(text: str) -> tuple[str, ...]:
    """Return what a text points to, in order; characters that cannot be seen do not hide it."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_DOTS)
        text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    found = _find(text)
    if _ENCODED.search(text):
        plain = unquote(html.unescape(text))
        if plain != text:
            found += [each for each in _find(plain) if each not in found]
    return tuple(reference for _, reference in sorted(found))


def _find(text: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for pattern in (_URL, _EMAIL, _HOST, _ADDRESS, ACCOUNT, _CALLED):
        rest: list[str] = []
        end = 0
        for match in pattern.finditer(text):
            reference = match[0].rstrip(_TRAILING).strip()
            if pattern is _CALLED and (extract("date", reference) or _is_amount(reference)):
                continue
            found.append((match.start(), reference))
            rest.append(text[end : match.start()] + " " * len(match[0]))
            end = match.end()
        text = "".join(rest) + text[end:]
    return found


def _is_amount(reference: str) -> bool:
    whole, _, rest = reference.partition(".")
    return whole.isdecimal() and rest.isdecimal() and len(whole) < 8
