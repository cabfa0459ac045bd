"""The decision cache: keyed on exactly the fields that the bundle reads, so that a hit cannot differ from a miss."""

from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, TypeVar

import msgspec

from lictor.guardrails.policy.fields import Path

_MOST: Final = 20_000
_LARGEST_KEY: Final = 4096

Document = dict[str, Any]
Answer = TypeVar("Answer")


def make_key(fields: Iterable[Path]) -> Callable[[Document], object]:
    """Return a function that reduces an input document to what the bundle reads of it.

    A missing field and a null one give different keys; a structured value counts with its whole content.
    """
    ordered = sorted(fields)
    if () in ordered:
        return msgspec.msgpack.Encoder(order="deterministic").encode
    if all(len(path) == 1 for path in ordered):
        names = tuple(path[0] for path in ordered)
        return lambda document: tuple(
            [value if (value := document.get(name, _MISSING)).__class__ is str else _hashable(value) for name in names]
        )
    return lambda document: tuple([_hashable(_reach(document, path)) for path in ordered])


class _Missing:
    """Marks a field that the document does not have."""


_MISSING: Final = _Missing()
_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode


def _reach(document: Document, path: Path) -> Any:  # noqa: ANN401 -- any JSON value
    value: Any = document
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return _MISSING
        value = value[name]
    return value


def _hashable(value: Any) -> object:  # noqa: ANN401 -- any JSON value
    if isinstance(value, str) or value is _MISSING:
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
