"""Typed extraction: the values of one type that stand in a text, each in its normal form.

Every expression runs in linear time: texts are written by strangers.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from lictor.guardrails.contract.normal import MONTH, MONTHS, NUMBER_WORDS, normal_date, normal_number, normal_time

_ALONE: Final = r"(?<![\w@.\-/\\])"
_ENDS: Final = r"(?![\w@\-/\\]|\.\w)"
ACCOUNT: Final = re.compile(
    r"(?<!\w)(?:(?=(?:[A-Za-z]{0,34}\d){6})[A-Za-z]{2}\d{2}[A-Za-z0-9]{8,30}"
    r"|[A-Z]{2}\d{2}(?:[ -][A-Z0-9]{4}){2,7}(?:[ -][A-Z0-9]{1,3})?)(?!\w)",
    re.ASCII,
)
_DIGITS: Final = re.compile(_ALONE + r"\d{8,17}" + _ENDS, re.ASCII)
_EMAIL: Final = re.compile(
    r"(?<![\w.%+\-@])[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w@\-])"
)
_TOP: Final = "com|org|net|io|dev|ai|edu|gov|co|uk|de|fr|eu|ch|at|nl|info|biz|app|me|us|ca|example|test"
_URL: Final = re.compile(
    r"(?<![\w@.\-/])(?:[a-z][a-z0-9+.\-]{1,15}://[^\s<>\"'`{}|\\^]{1,2000}"
    rf"|(?:[a-z0-9\-]{{1,63}}\.){{1,8}}(?:{_TOP})(?![\w@\-]|\.\w)(?:[/?#][^\s<>\"'`{{}}|\\^]{{0,2000}})?)",
    re.IGNORECASE,
)
_ISO: Final = re.compile(r"(?<![\w\-/.])(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d|[-/]\d)(?![A-SU-Za-su-z_])", re.ASCII)
_SLASHED: Final = re.compile(r"(?<![\w\-/.])(\d{1,2})([/.])(\d{1,2})\2(\d{4})(?![\w\-/])", re.ASCII)
_MONTH_DAY: Final = re.compile(
    rf"(?<![\w\-/])({MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?!\w|:|\.\d)(?:,? (?:of )?(\d{{4}})(?!\w))?", re.IGNORECASE
)
_DAY_MONTH: Final = re.compile(
    rf"(?<![\w\-/.:])(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({MONTH})(?!\w)(?:,? (?:of )?(\d{{4}})(?!\w))?", re.IGNORECASE
)
_TIME: Final = re.compile(
    r"(?<![\d:.\-/])(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d{1,9})?)?(?![\d:])(?: ?([ap]\.?m\.?)(?!\w))?"
    r"|(?<![\w:.\-/])(\d{1,2}) ?([ap]\.?m\.?)(?!\w)|\b(noon|midnight)\b",
    re.IGNORECASE | re.ASCII,
)
_NUMBER: Final = re.compile(
    r"(?<![\w@\-/\\:.,])(?<!\d['\u2019])[-+]?(?!0\d)(?:\d{1,3}(?:[,'\u2019]\d{3})+|\d{1,30})(?:\.\d{1,30})?"
    r"(?![\w@\-/\\:]|[.,'\u2019]\d)",
    re.ASCII,
)
_NUMBER_WORD: Final = re.compile(r"(?<![\w\-])(" + "|".join(NUMBER_WORDS) + r")(?![\w\-])")
_ID: Final = re.compile(r"(?<![\w@.\-/\\])(?=[A-Za-z_\-]{0,40}\d)[A-Za-z0-9_\-]{1,80}(?![\w@/\\]|\.\w)", re.ASCII)
_NAME: Final = re.compile(
    r"(?<![\w@.\-/])[^\W\d_a-z][\w'\u2019\-]{1,40}(?: (?:[^\W\d_a-z][\w'\u2019\-]{0,40}\.?)){0,5}"
)
_PATH: Final = re.compile(
    r"(?<![\w@.\-/\\~:])(?:~?/?(?:[\w.\-]{1,120}/){1,20}[\w.\-]{0,120}\w|/[\w.\-]{1,120}|[\w\-.]{0,120}[\w\-]\.[A-Za-z][A-Za-z0-9]{0,7})"
    r"(?![\w@/\\]|\.\w)"
)
_WORD: Final = re.compile(r"[\w][\w'\u2019\-]{0,200}")
_TRAILING: Final = ".,;:!?)]}*_"


def _accounts(text: str) -> Iterator[str]:
    for match in ACCOUNT.finditer(text):
        yield re.sub(r"[ -]", "", match[0]).upper()
    yield from _DIGITS.findall(text)


def is_iban(text: str) -> bool:
    """Tell whether a text without spaces is an IBAN whose check digits are right."""
    if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", text, re.ASCII) is None:
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def _ibans(text: str) -> Iterator[str]:
    for match in ACCOUNT.finditer(text):
        groups = re.split(r"[ -]", match[0].upper())
        for count in range(len(groups), 0, -1):  # the word behind an IBAN in groups is not a part of it
            whole = "".join(groups[:count])
            if is_iban(whole):
                yield whole
                break


def _emails(text: str) -> Iterator[str]:
    for match in _EMAIL.finditer(text):
        yield match[0].lower()


def normal_url(text: str) -> str:
    """Return a URL with its host in lower case, without `http(s)://`, without a last slash."""
    scheme, mark, rest = text.partition("://")
    if not mark:
        scheme, rest = "", text
    cut = min((rest.find(sign) for sign in "/?#" if sign in rest), default=len(rest))
    host, tail = rest[:cut].lower(), rest[cut:]
    tail = "" if tail == "/" else tail
    return f"{host}{tail}" if scheme.lower() in {"", "http", "https"} else f"{scheme.lower()}://{host}{tail}"


def _urls(text: str) -> Iterator[str]:
    for match in _URL.finditer(text):
        yield normal_url(match[0].rstrip(_TRAILING))


def _dates(text: str) -> Iterator[str]:
    found: list[str | None] = [normal_date(year, month, day) for year, month, day in set(_ISO.findall(text))]
    for first, _, second, year in set(_SLASHED.findall(text)):
        found += [normal_date(year, first, second), normal_date(year, second, first)]
    folded = text.lower()
    if any(month in folded for month in MONTHS):  # these two expressions are slow, and mostly find nothing
        found += [normal_date(year, month, day) for month, day, year in set(_MONTH_DAY.findall(text))]
        found += [normal_date(year, month, day) for day, month, year in set(_DAY_MONTH.findall(text))]
    yield from filter(None, found)


def _times(text: str) -> Iterator[str]:
    for hour, minute, half, alone, alone_half, word in _TIME.findall(text):
        if word:
            yield "12:00" if word.lower() == "noon" else "00:00"
        elif time := normal_time(hour or alone, minute, half or alone_half):
            yield time


def _numbers(text: str) -> Iterator[str]:
    yield from filter(None, map(normal_number, set(_NUMBER.findall(text))))
    folded = text.lower()
    if any(word in folded for word in NUMBER_WORDS):  # the expression is slow, and mostly finds nothing
        for word in set(_NUMBER_WORD.findall(folded)):
            yield NUMBER_WORDS[word]


def _paths(text: str) -> Iterator[str]:
    for match in _PATH.finditer(text):
        yield match[0].rstrip(".")


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if plain := " ".join(line.split()):
            yield plain


def _all(pattern: re.Pattern[str]) -> Callable[[str], Iterator[str]]:
    return lambda text: (match[0].rstrip(".") for match in pattern.finditer(text))


TYPES: Final[Mapping[str, Callable[[str], Iterator[str]]]] = {
    "iban": _ibans,
    "account": _accounts,
    "email": _emails,
    "url": _urls,
    "date": _dates,
    "time": _times,
    "number": _numbers,
    "id": _all(_ID),
    "name": _all(_NAME),
    "path": _paths,
    "word": _all(_WORD),
    "line": _lines,
}
"""For each type what yields its values from a text. `iban` has right check digits, `account` needs none."""


_WEEKDAY: Final = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satur|sat|sun)(?:day)?,? ", re.IGNORECASE)
_WHOLE: Final[Mapping[str, tuple[re.Pattern[str], ...]]] = {
    "iban": (ACCOUNT,),
    "account": (ACCOUNT, _DIGITS),
    "email": (_EMAIL,),
    "url": (_URL,),
    "date": (_ISO, _SLASHED, _MONTH_DAY, _DAY_MONTH),
    "time": (_TIME,),
    "number": (_NUMBER, _NUMBER_WORD),
    "id": (_ID,),
    "name": (_NAME,),
    "path": (_PATH,),
    "word": (_WORD,),
}


def is_whole(kind: str, text: str) -> bool:
    """Tell whether a text is as a whole one value of a type; raises KeyError for an unknown type."""
    if kind == "date" and (weekday := _WEEKDAY.match(text)):
        text = text[weekday.end() :]
    if kind == "url" and text[-1:] in _TRAILING:
        return False
    if kind == "line":
        return len(text.splitlines()) == 1
    return any(pattern.fullmatch(text) is not None for pattern in _WHOLE[kind])


def extract(kind: str, text: str) -> frozenset[str]:
    """Return the distinct values of a type in a text; raises KeyError for an unknown type."""
    return frozenset(TYPES[kind](text))
