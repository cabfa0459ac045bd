"""Message ids: 32 hex digits, the first twelve of them the time, so that freshness can be judged."""

import os
import re
import time
from typing import Final

LENGTH: Final = 32
_ID: Final = re.compile(r"[0-9a-f]{32}")


def new_id(now: float | None = None) -> str:
    """Return a fresh id; `now` is the Unix time in seconds, the clock's when left out."""
    moment = time.time() if now is None else now
    return int(moment * 1000).to_bytes(6, "big").hex() + os.urandom(10).hex()


def is_id(text: str) -> bool:
    """Tell whether `text` has the form of an id."""
    return _ID.fullmatch(text) is not None


def minted_at(identifier: str) -> float:
    """Return the Unix time in seconds that an id carries; raises ValueError on another form."""
    return int(identifier[:12], 16) / 1000
