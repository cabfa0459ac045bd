"""Hours in the file's words, `mon-fri 08:00-18:00`, as minutes of the week in UTC."""

import re
from collections.abc import Iterable
from typing import Final

from lictor.runtime.definition.constraints import TimeWindow

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = 24 * 60
_DAYS: Final = rf"(?:{'|'.join(DAYS)})"
PATTERN: Final = rf"^(?:(daily|{_DAYS}(?:-{_DAYS})?(?:,{_DAYS}(?:-{_DAYS})?)*)\s+)?(\d\d):(\d\d)-(\d\d):(\d\d)$"
"""Also for editors."""
_PATTERN: Final = re.compile(PATTERN)
ZONE: Final = r"^(UTC|[+-](?:0\d|1[0-4]):[0-5]\d)$"
_ZONE: Final = re.compile(ZONE)
_SENTENCE: Final = "hours are written like `mon-fri 08:00-18:00`, `sat,sun 10:00-12:00` or `22:00-06:00`"


def parse_zone(text: str) -> int:
    """Return the minutes that a zone is ahead of UTC; raises ValueError.

    Only fixed offsets: what a verdict was must be told from its record alone, without a table of summer times.
    """
    match = _ZONE.fullmatch(text)
    if not match:
        raise ValueError(f"a zone is UTC or a fixed offset like +02:00, not '{text}'")
    if text == "UTC":
        return 0
    hours, minutes = text[1:].split(":")
    return (int(hours) * 60 + int(minutes)) * (-1 if text.startswith("-") else 1)


def parse_windows(texts: Iterable[str], offset: int = 0) -> tuple[TimeWindow, ...]:
    """Return the windows in UTC of hours in a zone `offset` minutes ahead of it; raises ValueError.

    A window that ends at or before its start goes on until the next day.
    """
    return tuple(window for text in texts for window in _split(*_read(text), offset))


def _read(text: str) -> tuple[tuple[int, ...], int, int]:
    match = _PATTERN.fullmatch(text.strip().lower())
    if not match:
        raise ValueError(_SENTENCE)
    start, end = (int(match[at]) * 60 + int(match[at + 1]) for at in (2, 4))
    if start >= _DAY or end > _DAY or int(match[3]) > 59 or int(match[5]) > 59:
        raise ValueError(f"'{text}' has a time that no clock shows: a day goes from 00:00 to 24:00")
    return _days(match[1] or "daily"), start, end if end > start else end + _DAY


def _days(text: str) -> tuple[int, ...]:
    if text == "daily":
        return tuple(range(7))
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin = DAYS.index(first)
        length = (DAYS.index(last or first) - begin) % 7
        found.update((begin + step) % 7 for step in range(length + 1))
    return tuple(sorted(found))


def _split(days: tuple[int, ...], start: int, end: int, offset: int) -> Iterable[TimeWindow]:
    """Yield the parts of a window that lie within one day of UTC."""
    start, end = start - offset, end - offset
    for shift in range(start // _DAY, (end - 1) // _DAY + 1):
        first, last = max(start, shift * _DAY), min(end, (shift + 1) * _DAY)
        yield TimeWindow(tuple(sorted((day + shift) % 7 for day in days)), first - shift * _DAY, last - shift * _DAY)


def show_windows(windows: Iterable[TimeWindow]) -> list[str]:
    """Return windows in the file's words, in UTC."""
    return [
        f"{_show_days(window.days)} "
        f"{window.start // 60:02}:{window.start % 60:02}-{window.end // 60:02}:{window.end % 60:02}"
        for window in windows
    ]


def _show_days(days: tuple[int, ...]) -> str:
    if len(days) == len(DAYS):
        return "daily"
    first, last = days[0], days[-1]
    if len(days) > 2 and last - first == len(days) - 1:
        return f"{DAYS[first]}-{DAYS[last]}"
    return ",".join(DAYS[day] for day in days)
