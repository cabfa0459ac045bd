"""The memory of message ids: what was seen within a window, bounded so that no sender can crowd out another."""


class SeenIds:
    """Two generations of ids: every id is remembered for at least `window` seconds and at most twice that.

    `most` is how many ids of one sender a generation takes.
    """

    def __init__(self, window: float, most: int) -> None:
        self._window = window
        self._most = most
        self._turned = 0.0
        self._present: set[str] = set()
        self._past: set[str] = set()
        self._counts: dict[str, int] = {}

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._present or identifier in self._past

    def add(self, identifier: str, sender: str, now: float) -> bool:
        """Remember an id; False when the sender has used up its share, and then nothing is remembered."""
        if now - self._turned >= self._window:
            self._past = self._present if now - self._turned < 2 * self._window else set()
            self._present = set()
            self._counts = {}
            self._turned = now
        count = self._counts.get(sender, 0)
        if count >= self._most:
            return False
        self._counts[sender] = count + 1
        self._present.add(identifier)
        return True
