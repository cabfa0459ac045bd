"""A bounded map that forgets what was not used for longest, at the price of a dictionary."""

from collections.abc import Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Two generations: what is found moves to the present one; when that holds `most` / 2, the past one is dropped."""

    __slots__ = ("_half", "_past", "_present")

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._present: dict[Key, Value] = {}
        self._past: dict[Key, Value] = {}

    def __len__(self) -> int:
        return len(self._present) + len(self._past)

    def __iter__(self) -> Iterator[Key]:
        yield from self._present
        yield from self._past

    def values(self) -> Iterator[Value]:
        """Return everything that is kept."""
        yield from self._present.values()
        yield from self._past.values()

    def find(self, key: Key) -> Value | None:
        """Return what is kept for the key, or None."""
        value = self._present.get(key)
        if value is None and self._past:
            value = self._past.pop(key, None)
            if value is not None:
                self.keep(key, value)
        return value

    def keep(self, key: Key, value: Value) -> None:
        """Keep a value; may forget others."""
        if len(self._present) >= self._half:
            self._past = self._present
            self._present = {}
        self._present[key] = value

    def drop(self, key: Key) -> None:
        """Forget one key."""
        self._present.pop(key, None)
        self._past.pop(key, None)
