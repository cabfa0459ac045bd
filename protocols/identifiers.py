"""Message ids: 32 hex digits, the first twelve of them the time, so that freshness can be judged."""

import os
import re
import time
from typing import Final

LENGTH: Final = 32
_RANDOM: Final = 10
_POOL: Final = 4096
_ID: Final = re.compile(r"[0-9a-f]{32}")


def new_id(now: float | None = None) -> str:
    """Return a fresh id; `now` is the Unix time in seconds, the clock's when left out."""
    moment = time.time() if now is None else now
    return int(moment * 1000).to_bytes(6, "big").hex() + os.urandom(_RANDOM).hex()


class IdMaker:
    """Makes ids by the thousand: asks the system for randomness once for many. One process, one thread."""

    def __init__(self) -> None:
        self._pool = b""
        self._at = 0
        self._moment = -1
        self._stamp = ""

    def make(self, now: float) -> str:
        """Return a fresh id for the Unix time `now`."""
        moment = int(now * 1000)
        if moment != self._moment:
            self._moment, self._stamp = moment, moment.to_bytes(6, "big").hex()
        return self._stamp + self.draw(_RANDOM)

    def draw(self, size: int) -> str:
        """Return `size` random bytes as hex digits."""
        if self._at + size > len(self._pool):
            self._pool, self._at = os.urandom(_POOL), 0
        start, self._at = self._at, self._at + size
        return self._pool[start : self._at].hex()


def is_id(text: str) -> bool:
    """Tell whether `text` has the form of an id."""
    return _ID.fullmatch(text) is not None


def minted_at(identifier: str) -> float:
    """Return the Unix time in seconds that an id carries; raises ValueError on another form."""
    return int(identifier[:12], 16) / 1000
