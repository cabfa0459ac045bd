"""Whether a value stands in a text: exactly, in another spelling of the same value, or as a passage by itself."""

import re
from typing import Final

from lictor.guardrails.contract.extract import extract, is_whole
from lictor.guardrails.contract.normal import normal_number, normal_text, normal_value
from lictor.guardrails.contract.text import Text

Scalar = str | int | float | bool | None

_MOMENT: Final = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[T ](\d{1,2}:\d{2})(?::00(?:\.0{1,9})?)?(?:Z|\+00:00)?", re.ASCII)
_ISO: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII)
_CLOCK: Final = re.compile(r"(\d{1,2}:\d{2})(?::00)?", re.ASCII)
_OPAQUE: Final = re.compile(r"[/\\]|[A-Za-z]\d|\d[A-Za-z]")
_PADDED: Final = re.compile(r"0\d")
_MOST_PIECES: Final = 1_000
_TOKEN: Final = re.compile(r"\w+")
_STRUCTURED: Final = ("email", "number", "url", "iban")
COMPARED: Final = (*_STRUCTURED, "date", "time")
"""Types whose values are compared as what they are, wherever they stand."""


def is_bounded(text: str, start: int, end: int) -> bool:
    """Tell whether a passage stands by itself: it is not a piece of a longer word, address, path or number."""
    before = text[start - 1] if start else " "
    if before.isalnum() or before in "_.-/\\+%&=~":
        return False
    if before in ",'" and start > 1 and text[start - 2].isdigit() and text[start].isdigit():
        return False
    if before == "@" and start > 1 and not text[start - 2].isspace():
        return False
    after = text[end] if end < len(text) else " "
    if after.isalnum() or after in "_@-/\\":
        return False
    beyond = text[end + 1] if end + 1 < len(text) else " "
    if after == ".":
        return not (beyond.isalnum() or beyond == "_")
    return after not in ",'" or not (beyond.isdigit() and text[end - 1].isdigit())


def stands_in(text: str, value: str) -> bool:
    """Tell whether the text has the value as a passage by itself; an empty value stands in nothing.

    Passages that are pieces of others are looked at up to a thousand times: texts may be made to hold very many.
    """
    start = text.find(value) if value else -1
    for _ in range(_MOST_PIECES):
        if start < 0 or is_bounded(text, start, start + len(value)):
            return start >= 0
        start = text.find(value, start + 1)
    return False


def split_moment(value: Scalar) -> tuple[str, str] | None:
    """Return the date and the time of `2024-05-15 10:00`, which may come from two sources; None for anything else."""
    found = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    return (found[1], found[2]) if found else None


def forms(kind: str, value: Scalar) -> frozenset[str]:
    """Return the normal forms of a value that is as a whole one value of the type; none when it is not."""
    if isinstance(value, bool) or value is None:
        return frozenset()
    if kind == "number":
        number = normal_number(value)
        return frozenset() if number is None else frozenset({number})
    plain = normal_value(value if isinstance(value, str) else str(value))
    if not plain:
        return frozenset()
    if kind in {"iban", "account"}:
        plain = plain.replace(" ", "").replace("-", "").upper()
    if kind in {"line", "name"}:
        return frozenset({plain})
    # A second value beside the first, or words around it, make it no value of the type.
    return extract(kind, plain) if is_whole(kind, plain) else frozenset()


def is_among(kind: str, value: Scalar, candidates: frozenset[str]) -> bool:
    """Tell whether a value is one of the values of a type that were taken from texts."""
    own = forms(kind, value)
    if kind == "name":
        return any(stands_in(candidate, form) for form in own for candidate in candidates)
    if own & candidates:
        return True
    # A source that names no year leaves the year open.
    return kind == "date" and any(f"-{form[4:]}" in candidates for form in own if form[0].isdecimal())


def kind_of(plain: str) -> str:
    """Return the type by which a text in normal form is compared; empty when it is compared as it is written."""
    for kind in _STRUCTURED:
        if forms(kind, plain):
            return "" if kind == "number" and _PADDED.match(plain) else kind
    if _ISO.fullmatch(plain):
        return "date"
    return "time" if _CLOCK.fullmatch(plain) else ""


def holds(text: Text, value: Scalar) -> bool:
    """Tell whether a text holds a value.

    Numbers, dates, times, e-mail addresses, URLs and IBANs are compared as what they are; other text as it is written,
    without regard to runs of space, and to case unless it is a path or a code.
    """
    if isinstance(value, bool):
        return stands_in(text.folded, str(value).lower())
    if not isinstance(value, str):
        return value is not None and is_among("number", value, text.values("number"))
    plain = normal_value(value)
    return stands_in(text.raw, value) if plain is None else _holds_plain(text, plain)


def _holds_plain(text: Text, plain: str) -> bool:
    kind = kind_of(plain)
    if kind in _STRUCTURED:
        return is_among(kind, plain, text.values(kind))
    if stands_in(text.normal, plain):
        return True
    if kind:
        return is_among(kind, plain, text.values(kind))
    return _OPAQUE.search(plain) is None and stands_in(text.folded, plain.lower())


def is_equal(value: Scalar, other: Scalar) -> bool:
    """Tell whether two values are the same in some spelling."""
    if value is None or other is None:
        return value is other
    if isinstance(value, bool) or isinstance(other, bool):
        return str(value).lower() == str(other).lower()
    one, two = (item if isinstance(item, str) else normal_number(item) for item in (value, other))
    if one is None or two is None:
        return False
    return one == two or _is_equal_text(one, two)


def _is_equal_text(value: str, other: str) -> bool:
    plain, known = normal_value(value), normal_text(other)
    if plain is None:
        return False
    if plain == known:
        return True
    kind = kind_of(plain)
    if kind:
        return is_among(kind, plain, forms(kind, known))
    return _OPAQUE.search(plain) is None and plain.lower() == known.lower()


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, without regard to case."""
    return frozenset(_TOKEN.findall(text.lower()))
