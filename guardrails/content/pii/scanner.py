"""Personal data in a text, with its place: e-mail, card, IBAN, social security number, IP address, phone number."""

import ipaddress
from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

from lictor.guardrails.content.pii import patterns
from lictor.guardrails.content.pii.checks import is_card, is_iban, is_ssn

_LONGEST: Final = 65_536
_OVERLAP: Final = 256
_MOST: Final = 256
_CUE: Final = 60
"""Characters before a number in which a word may tell that it is a phone's."""


class Span(NamedTuple):
    """Where in a text which kind of personal data stands, in characters."""

    kind: str
    start: int
    end: int


def find_spans(text: str, kinds: Collection[str] = patterns.CLASSES) -> list[Span]:
    """Return what is found of the kinds, in order and without overlaps: the surest kind wins; at most 256 places."""
    taken: list[Span] = []
    for kind in patterns.CLASSES:
        if kind not in kinds:
            continue
        for start in range(0, max(1, len(text)), _LONGEST - _OVERLAP):
            for span in _FINDERS[kind](text[start : start + _LONGEST]):
                placed = Span(kind, span.start + start, span.end + start)
                if all(placed.end <= other.start or placed.start >= other.end for other in taken):
                    taken.append(placed)
                if len(taken) >= _MOST:
                    return sorted(taken, key=lambda each: each.start)
    return sorted(taken, key=lambda each: each.start)


def _emails(text: str) -> Iterator[Span]:
    return (Span("email", *match.span()) for match in patterns.EMAIL.finditer(text))


def _cards(text: str) -> Iterator[Span]:
    for match in patterns.CARD.finditer(text):
        if is_card("".join(sign for sign in match[0] if sign.isdecimal())):
            yield Span("card", *match.span())


def _ibans(text: str) -> Iterator[Span]:
    for match in patterns.IBAN.finditer(text):
        found = match[0]
        for end in range(len(found), 14, -1):  # words that follow may look like more of it
            if is_iban(found[:end].replace(" ", "").replace("-", "").upper()):
                yield Span("iban", match.start(), match.start() + end)
                break


def _ssns(text: str) -> Iterator[Span]:
    for match in patterns.SSN.finditer(text):
        area, _, group, serial, *bare = match.groups()
        if is_ssn(area, group, serial) if area else is_ssn(*bare):
            yield Span("ssn", match.start() if area else match.start(5), match.end())


def _addresses(text: str) -> Iterator[Span]:
    for match in patterns.IP.finditer(text):
        try:
            address = ipaddress.ip_address(match[0])
        except ValueError:
            continue
        if not address.is_unspecified and not address.is_loopback and _is_written_out(match[0]):
            yield Span("ip", *match.span())


def _is_written_out(address: str) -> bool:
    """Leave out what is a version or a section number (2.3.2.4) and what `::` in code makes of a letter or two."""
    return len(address) > 7 if "." in address else len(address) > 5 and any(sign.isdecimal() for sign in address)


def _phones(text: str) -> Iterator[Span]:
    """Find international numbers anywhere, national ones by their form or by a word like `call` shortly before them."""
    for match in patterns.PHONE.finditer(text):
        found = match[0]
        digits = sum(sign.isdecimal() for sign in found)
        if not 7 <= digits <= 15 or patterns.DATE.fullmatch(found) is not None:
            continue
        formed = patterns.PHONE_FORM.fullmatch(found) is not None or (found.startswith("+") and digits >= 8)
        cue = f"{text[max(0, match.start() - _CUE) : match.start()]} {text[match.end() : match.end() + 8]}"
        if formed or (patterns.PHONE_CUE.search(cue) is not None and (digits < len(found) or digits in {9, 10, 11})):
            yield Span("phone", *match.span())


_FINDERS: Final[dict[str, Callable[[str], Iterator[Span]]]] = {
    "email": _emails,
    "card": _cards,
    "iban": _ibans,
    "ssn": _ssns,
    "ip": _addresses,
    "phone": _phones,
}
