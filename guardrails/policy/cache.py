"""The decision cache: keyed on exactly the fields that the bundle reads, so that a hit cannot differ from a miss."""

from typing import Any, Final, Generic, TypeVar

import msgspec

_MOST: Final = 20_000
_LARGEST_KEY: Final = 4096

_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode

Answer = TypeVar("Answer")


def as_key(value: Any) -> object:  # noqa: ANN401 -- any JSON value
    """Return a hashable value that is equal for equal JSON values, and for no others: 1 is not true, nor 1.0."""
    if isinstance(value, str):
        return value
    return _encode(value)


class DecisionCache(Generic[Answer]):
    """A bounded map from keys to answers; when full it starts anew, which costs one evaluation for each key.

    An answer to a question of more than 4 KiB is not kept, so that no sender can fill the memory with what it asks.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._answers: dict[object, Answer] = {}
        self.misses = 0

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, key: object) -> Answer | None:
        """Return the answer kept for the key, or None."""
        return self._answers.get(key)

    def keep(self, key: object, answer: Answer) -> None:
        """Keep an answer."""
        self.misses += 1
        if _size(key) > _LARGEST_KEY:
            return
        if len(self._answers) >= self._most:
            self._answers.clear()
        self._answers[key] = answer


def _size(key: object) -> int:
    if isinstance(key, tuple):
        return sum(_size(part) for part in key)
    return len(key) if isinstance(key, str | bytes) else 0
