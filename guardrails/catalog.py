"""What tool servers say of their tools: which of them only read. Learned from the listings that pass."""

from typing import Final

import msgspec

from lictor.protocols.errors import MalformedEnvelope

_MOST_TOOLS: Final = 10_000


class _Annotations(msgspec.Struct, frozen=True, rename="camel"):
    read_only_hint: bool | None = None


class _Tool(msgspec.Struct, frozen=True):
    name: str
    annotations: _Annotations | None = None


class _Listing(msgspec.Struct, frozen=True):
    tools: list[_Tool] = []


class _Answer(msgspec.Struct, frozen=True):
    result: _Listing | None = None


_answer: Final = msgspec.json.Decoder(_Answer)


def read_listing(body: bytes) -> frozenset[str]:
    """Return the names of the tools that an answer to `tools/list` annotates `readOnlyHint`.

    A name that is listed twice counts only when both say so. Raises MalformedEnvelope when it is no such answer.
    """
    try:
        listing = _answer.decode(body).result
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedEnvelope(f"the listing of tools cannot be read: {error}") from None
    if listing is None:
        return frozenset()
    reading: set[str] = set()
    other: set[str] = set()
    for tool in listing.tools[:_MOST_TOOLS]:
        hint = tool.annotations is not None and tool.annotations.read_only_hint is True
        (reading if hint else other).add(tool.name)
    if len(listing.tools) > _MOST_TOOLS:
        return frozenset()
    return frozenset(reading - other)


class ToolCatalog:
    """Keeps, for each tool server, the tools that only read, as its latest listing says.

    What is not known does not only read. The word is the server's own: it decides for `otherwise: read-only` alone.
    """

    def __init__(self) -> None:
        self._reading: dict[str, frozenset[str]] = {}

    def learn(self, server: str, body: bytes) -> None:
        """Take a server's answer to `tools/list`; one that cannot be read makes everything of the server unknown."""
        try:
            self._reading[server] = read_listing(body)
        except MalformedEnvelope:
            self._reading.pop(server, None)

    def reads_only(self, server: str, tool: str) -> bool:
        """Tell whether the server says that the tool only reads."""
        return tool in self._reading.get(server, ())
