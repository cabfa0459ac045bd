"""The texts in a body: what a person or a model reads of an A2A message or of a tool's answer."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

_MOST: Final = 10_000
_DEEPEST: Final = 32


class _Content(msgspec.Struct, frozen=True):
    text: str = ""


class _Result(msgspec.Struct, frozen=True, rename="camel"):
    content: list[_Content] = []
    structured_content: msgspec.Raw = msgspec.Raw(b"")


class _Answer(msgspec.Struct, frozen=True):
    result: _Result = _Result()


_answer: Final = msgspec.json.Decoder(_Answer)


def read_tool_answer(body: bytes) -> tuple[str, bytes]:
    """Return the text of a tool's answer, and what it has beside it as JSON; nothing when it cannot be read."""
    try:
        result = _answer.decode(body).result
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "", b""
    data = bytes(result.structured_content)
    return "\n".join(part.text for part in result.content if part.text), b"" if data == b"null" else data


def read_message(body: bytes) -> str:
    """Return the texts of an A2A request or answer, one after the other; nothing when it cannot be read."""
    try:
        return "\n".join(_texts(msgspec.json.decode(body), 0))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def _texts(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 -- any JSON
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value[:_MOST]:
            yield from _texts(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "text" and isinstance(item, str):
                yield item
            elif key == "data" and isinstance(item, dict | list):
                yield msgspec.json.encode(item).decode()
            else:
                yield from _texts(item, depth + 1)
