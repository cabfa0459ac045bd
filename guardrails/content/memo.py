"""A memo: what was worked out for a key, bounded in entries and in bytes."""

from typing import Final, Generic, TypeVar

Value = TypeVar("Value")
LARGEST: Final = 65_536
"""Bytes of the largest key that is kept."""


class Memo(Generic[Value]):
    """Two generations of answers: when the younger is full the older goes. Keys are compared whole, not by a digest."""

    def __init__(self, most: int = 4096, most_bytes: int = 4_194_304) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._young: dict[bytes, Value] = {}
        self._old: dict[bytes, Value] = {}
        self._bytes = 0

    def find(self, key: bytes) -> Value | None:
        """Return what was kept for the key, or None."""
        value = self._young.get(key)
        return value if value is not None else self._old.get(key)

    def keep(self, key: bytes, value: Value) -> None:
        """Keep an answer, unless its key is larger than 64 KiB."""
        if len(key) > LARGEST:
            return
        if len(self._young) >= self._most or self._bytes >= self._most_bytes:
            self._young, self._old, self._bytes = {}, self._young, 0
        self._young[key] = value
        self._bytes += len(key)
