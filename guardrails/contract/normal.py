"""Normal forms of text, numbers, dates and times: what counts as the same value written in another way.

Nothing is decoded here, and no character is taken for another that looks like it: a value that differs from its
source by an encoding, a homoglyph or a character that cannot be seen is another value.
"""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Final

_SPACE: Final = re.compile(r"\s+")
_QUOTES: Final = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_NUMBER: Final = re.compile(r"[-+]?(?:\d{1,3}(?:[,'\u2019 ]\d{3})+|\d{1,30})(?:\.\d{1,30})?", re.ASCII)
_PLAIN: Final = re.compile(r"[1-9]\d{0,29}(?:\.\d{0,29}[1-9])?", re.ASCII)
_MARKS: Final = re.compile(r"[,'\u2019 ]")
_COUNTED: Final = (
    "zero,one,two,three,four,five,six,seven,eight,nine,ten,eleven,twelve,thirteen,fourteen,fifteen,sixteen,seventeen,"
    "eighteen,nineteen,twenty"
)
NUMBER_WORDS: Final = {word: str(number) for number, word in enumerate(_COUNTED.split(","))} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
    "hundred": "100",
    "thousand": "1000",
}
_YEAR: Final = "january,february,march,april,may,june,july,august,september,october,november,december"
_MONTHS: Final = {name[:size]: number for number, name in enumerate(_YEAR.split(","), 1) for size in (3, len(name))} | {
    "sept": 9
}
MONTH: Final = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
MONTHS: Final = tuple(name for name in _MONTHS if len(name) == 3)
"""How the name of every month begins."""
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def normal_text(text: str) -> str:
    """Return a source's text with compatibility characters, curly quotes and runs of space made plain."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return _SPACE.sub(" ", text).strip()


def normal_value(text: str) -> str | None:
    """Return a value in the same form; None when it has characters that only look like plain ones."""
    if not text.isascii():
        text = _SPACE.sub(" ", text)
        if text != unicodedata.normalize("NFKC", text):
            return None
        text = text.translate(_QUOTES)
    return _SPACE.sub(" ", text).strip()


def normal_number(value: int | float | str) -> str | None:
    """Return a number's one spelling (`1,234.50` is `1234.5`); None when the text is no number."""
    text = value.strip() if isinstance(value, str) else repr(value)
    if _PLAIN.fullmatch(text):
        return text
    if isinstance(value, str):
        if _NUMBER.fullmatch(text) is None:
            return None
        text = _MARKS.sub("", text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() > 400:
        return None
    if number == 0:
        return "0"
    plain = format(number.normalize(), "f")
    return plain.removeprefix("+")


def normal_date(year: str, month: str, day: str) -> str | None:
    """Return `2024-05-26`, or `--05-26` without a year; None when there is no such day. A month may be a word."""
    number = _MONTHS.get(month.lower().rstrip("."), 0) if not month.isdecimal() else int(month)
    if not 1 <= number <= 12 or not 1 <= int(day) <= _DAYS[number - 1]:
        return None
    return f"{year or '-'}-{number:02}-{int(day):02}"


def normal_time(hour: str, minute: str, half: str) -> str | None:
    """Return `HH:MM`; `half` is `am`, `pm` or empty. None when there is no such time."""
    hours, minutes, half = int(hour), int(minute or "0"), half.lower().replace(".", "").strip()
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half == "pm" else 0)
    return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else None
