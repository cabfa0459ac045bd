"""Prompts: the same question to a model again and again."""

from typing import Final

_MOST: Final = 16
_FORGOTTEN: Final = 300.0
"""Seconds after which a prompt may be sent anew."""
_LARGEST: Final = 16_384


class Prompts:
    """The last different prompts of one principal in one task, and how often each was sent."""

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent: dict[int, tuple[int, float]] = {}

    def send(self, body: bytes, now: float) -> int:
        """Take a prompt; return how often it was sent of late. Of a long one its ends and its length count."""
        exact = hash(body) if len(body) <= _LARGEST else _digest(body)
        sent = self._sent
        before = sent.get(exact)
        if before is None:
            if len(sent) >= _MOST:
                sent.clear()
            sent[exact] = (1, now)
            return 1
        count, at = before
        count = count + 1 if now - at < _FORGOTTEN else 1
        sent[exact] = (count, now)
        return count


def _digest(body: bytes) -> int:
    half = _LARGEST // 2
    return hash((len(body), body[:half], body[-half:]))
