"""The small grammars of values: durations, quantities, rates, backoffs, shares; each raises ValueError."""

import re
from typing import Final

DURATION: Final = r"^(\d+(\.\d+)?)(ms|s|m|h)$"
QUANTITY: Final = r"^(\d+(\.\d+)?)(k|M|G|KiB|MiB|GiB)?$"
RATE: Final = r"^(\d+)/(\d+(\.\d+)?(ms|s|m|h))$"
BACKOFF: Final = r"^(\d+(\.\d+)?(ms|s|m|h))\.\.(\d+(\.\d+)?(ms|s|m|h))$"
SHARE: Final = r"^(\d{1,3}(\.\d+)?%|0(\.\d+)?|1(\.0+)?)$"

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_FACTORS: Final = {None: 1, "k": 1000, "M": 1000**2, "G": 1000**3, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_LONGEST: Final = 16
"""Characters of a value: no number here needs more, and Python's own limits are not met."""


def _match(pattern: str, value: object, sentence: str) -> re.Match[str]:
    text = str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    match = re.match(pattern, text, re.ASCII) if len(text) <= _LONGEST * 3 else None
    if match is None or text.endswith("\n"):
        raise ValueError(sentence)
    return match


def parse_duration(value: object) -> float:
    """Return seconds."""
    sentence = "a duration is a number with a unit, e.g. 500ms, 30s, 5m, 2h"
    match = _match(DURATION, value, sentence)
    seconds = float(match[1]) * _SECONDS[match[3]]
    if not 0 < seconds <= 366 * 86400:
        raise ValueError("a duration is more than nothing and at most a year")
    return seconds


def parse_quantity(value: object) -> int:
    """Return a whole number: `k`, `M`, `G` are powers of 1000, `KiB`, `MiB`, `GiB` of 1024."""
    sentence = "a quantity is a whole number, with a unit if it is long, e.g. 6, 50k, 2M, 512MiB"
    match = _match(QUANTITY, value, sentence)
    amount = float(match[1]) * _FACTORS[match[3]] if match[2] else int(match[1]) * _FACTORS[match[3]]
    if amount != int(amount):
        raise ValueError(sentence)
    if amount > 2**53:
        raise ValueError("a quantity is at most 2^53")
    return int(amount)


def parse_rate(value: object) -> tuple[int, float]:
    """Return how many, and within how many seconds."""
    match = _match(RATE, value, "a rate is a number within a duration, e.g. 3/1m, 20/1s")
    if int(match[1]) < 1:
        raise ValueError("a rate lets at least one through, e.g. 3/1m")
    return int(match[1]), parse_duration(match[2])


def parse_backoff(value: object) -> tuple[float, float]:
    """Return the first and the longest wait in seconds."""
    match = _match(BACKOFF, value, "a backoff is two durations, the first wait and the longest, e.g. 1s..30s")
    first, most = parse_duration(match[1]), parse_duration(match[4])
    if first > most:
        raise ValueError("a backoff goes from the shorter wait to the longer, e.g. 1s..30s")
    return first, most


def parse_share(value: object) -> float:
    """Return a share from 0 to 1, which may be written as a percentage."""
    match = _match(SHARE, value, "a share is a number from 0 to 1 or a percentage, e.g. 0.8 or 80%")
    share = float(match[1].removesuffix("%")) / (100 if match[1].endswith("%") else 1)
    if share > 1:
        raise ValueError("a share is at most 1, or 100%")
    return share
