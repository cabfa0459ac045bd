"""What a tool server has behind it. Implementations: `sources/`."""

from typing import Protocol

from lictor.protocols.mcp.service import ToolSource


class Source(ToolSource, Protocol):
    """Tools, with a life of their own."""

    async def open(self) -> None:
        """Start and return once tools can be called; a second call does nothing. Raises SourceFailed."""
        ...

    async def close(self) -> None:
        """Stop and leave nothing behind; a second call does nothing."""
        ...

    async def wait(self) -> None:
        """Return once closed; raise SourceFailed when it has stopped by itself."""
        ...
