"""The circuit breaker: after a failure nobody waits for the far end again until a pause has passed."""

import time
from collections.abc import Callable
from typing import Final

PAUSE: Final = 1.0


class Breaker:
    """Remembers the last failure for `pause` seconds; `clock` is monotonic."""

    def __init__(self, pause: float = PAUSE, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause = pause
        self._clock = clock
        self._until = 0.0
        self._reason = ""

    @property
    def obstacle(self) -> str:
        """Why no call is made now; empty when one may be."""
        return self._reason if self._reason and self._clock() < self._until else ""

    def trip(self, reason: str) -> None:
        """Note a failure: no call is made until the pause is over."""
        self._reason = reason
        self._until = self._clock() + self._pause

    def reset(self) -> None:
        """Note a success."""
        self._reason = ""
