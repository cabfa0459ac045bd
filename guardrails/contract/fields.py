"""The fields of a tool's answer: the leaves of its JSON, each with its path. Bounded, never raises."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

Path = tuple[str, ...]
Field = tuple[Path, str]

_MOST_CHARACTERS: Final = 131_072
_MOST_LEAVES: Final = 5_000
_MOST_DEPTH: Final = 24


def read_fields(text: str | bytes) -> tuple[Field, ...]:
    """Return the path and the text of every leaf; nothing when the text is no JSON, or too much of it.

    An object that holds nothing but `result` stands for what it holds: MCP servers wrap other values so.
    """
    if len(text) > _MOST_CHARACTERS or not text.strip():
        return ()
    try:
        data = msgspec.json.decode(text)
        if isinstance(data, dict) and data.keys() == {"result"}:
            data = data["result"]
        return tuple(walk_fields(data)) if isinstance(data, dict | list) else ()
    except (msgspec.MsgspecError, RecursionError, UnicodeError, ValueError):
        return ()


def matches(pattern: Path, path: Path) -> bool:
    """Tell whether a path is the pattern's; `*` stands for any one step."""
    return len(pattern) == len(path) and all(want in {"*", step} for want, step in zip(pattern, path, strict=True))


def walk_fields(data: Any) -> Iterator[Field]:  # noqa: ANN401 -- any JSON
    """Yield the leaves of JSON data; raises ValueError when there are too many or they lie too deep."""
    for count, field in enumerate(_walk(data, ())):
        if count >= _MOST_LEAVES:
            raise ValueError(f"more than {_MOST_LEAVES} values")
        yield field


def _walk(value: Any, path: Path) -> Iterator[Field]:  # noqa: ANN401 -- any JSON
    if len(path) > _MOST_DEPTH:
        raise ValueError(f"deeper than {_MOST_DEPTH}")
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, str(index)))
    elif value is not None:
        yield path, value if isinstance(value, str) else msgspec.json.encode(value).decode()
