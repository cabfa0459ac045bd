"""What the injection model sees of a text: its signs and pairs of signs, and hashed n-grams of letters and words."""

import itertools
import re
from collections.abc import Sequence
from typing import Final

import hyperscan
import numpy as np
from numpy.typing import NDArray

from lictor.guardrails.content.injection.signs import SIGNS

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]

_SPACES: Final = re.compile(rb"\s+")
_BLANKS: Final = re.compile(rb"[ \t]+")
_FOLD: Final = bytes(ord("0") if 48 <= byte <= 57 else byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))
_FACTOR: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_FACTOR, -1, 2**64)
_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)
LETTER_BITS: Final = 18
WORD_BITS: Final = 17
SIZE: Final = (1 << LETTER_BITS) + (1 << WORD_BITS)
"""How many n-gram features there are: hashes of 3 to 5 bytes, then of 1 and 2 words."""
_CASED: Final = "(?-i)"
PAIRED: Final = tuple(
    "imperative in_your tell_secret system_prompt password override_near forget_all say_quote in_response respond_with "  # noqa: SIM905 -- words read better in a row
    "only must now_task instead role_marker chat_tokens rule_line codefence table question encode please act_as "
    "you_are_now pretend url_send me_my ask_game third past".split()
)
"""Signs that are also looked at two by two."""
_NAMES: Final = tuple(sign.name for sign in SIGNS)
PAIRS: Final = tuple((_NAMES.index(one), _NAMES.index(other)) for one, other in itertools.combinations(PAIRED, 2))


def _powers(factor: int, count: int) -> NDArray[np.uint64]:
    values = np.empty(count, np.uint64)
    power = 1
    for place in range(count):
        values[place] = power
        power = power * factor % 2**64
    return values


class Features:
    """Computes features; the tables take 2 ms to make. One thread at a time."""

    def __init__(self, longest: int = 1024) -> None:
        """`longest` is how many bytes a window may have."""
        self._up, self._down = _powers(_FACTOR, longest + 1), _powers(_INVERSE, longest + 1)
        self._in_word = np.zeros(256, bool)
        self._in_word[[*b"abcdefghijklmnopqrstuvwxyz0_'", *range(128, 256)]] = True
        self._row: Floats = np.zeros(len(SIGNS), np.float32)
        self._database = hyperscan.Database()
        base = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL
        self._database.compile(
            expressions=[sign.expression.removeprefix(_CASED).encode() for sign in SIGNS],
            ids=list(range(len(SIGNS))),
            elements=len(SIGNS),
            flags=[base if sign.expression.startswith(_CASED) else base | hyperscan.HS_FLAG_CASELESS for sign in SIGNS],
        )

    def signs(self, windows: Sequence[bytes]) -> Floats:
        """Return one row for each window: 1 for each sign that it shows, then 1 for each pair."""
        rows = np.zeros((len(windows), len(SIGNS)), np.float32)
        for place, window in enumerate(windows):
            self._row = rows[place]
            self._database.scan(window, match_event_handler=self._note)
        pairs = np.array(PAIRS)
        return np.hstack([rows, rows[:, pairs[:, 0]] * rows[:, pairs[:, 1]]])

    def ngrams(self, window: bytes) -> Indices:
        """Return the distinct n-gram features of one window, in order."""
        folded = _SPACES.sub(b" ", b" " + window + b" ").translate(_FOLD)
        raw = np.frombuffer(folded, np.uint8)
        signs = raw.astype(np.uint64) + np.uint64(1)
        factor = np.uint64(_FACTOR)
        found: list[Indices] = []
        rolled = signs[:-1] * factor + signs[1:]
        for length in (3, 4, 5):
            if len(signs) < length:
                break
            rolled = rolled[: len(signs) - length + 1] * factor + signs[length - 1 :]
            found.append(_bucket(rolled + np.uint64(length), LETTER_BITS))
        edges = np.diff(np.concatenate(([0], self._in_word[raw].view(np.int8), [0])))
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        if len(starts):
            sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(signs * self._up[: len(signs)])))
            words = (sums[ends] - sums[starts]) * self._down[starts]
            twos = words[:-1] * np.uint64(31) + words[1:] * np.uint64(1_000_003)
            found += [(1 << LETTER_BITS) + _bucket(each, WORD_BITS) for each in (words * np.uint64(7), twos)]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)

    def _note(self, sign: int, _start: int, _end: int, _flags: int, _context: object) -> None:
        self._row[sign] = 1.0


def _bucket(hashes: NDArray[np.uint64], bits: int) -> Indices:
    mixed = (hashes ^ (hashes >> np.uint64(32))) * _MIX
    return (mixed >> np.uint64(64 - bits)).astype(np.int64)


def cut(text: bytes, size: int, most: int) -> list[bytes]:
    """Return windows of `size` bytes, each half over the next; of a text longer than `most`, its head and its tail."""
    text = _BLANKS.sub(b" ", text)
    if len(text) > most:
        text = text[: most - most // 4] + text[-(most // 4) :]
    if len(text) <= size:
        return [text]
    return [text[start : start + size] for start in range(0, len(text) - size // 2, size // 2)]
