"""What the agent's tool servers offer: listed over the mesh when first needed, kept until something contradicts it."""

import asyncio
from collections.abc import Sequence

from lictor.protocols.mcp.client import ToolDescription, list_tools
from lictor.protocols.mesh import Mesh


class ToolCatalogue:
    """Keeps the tools of each server.

    A listing belongs to no task, because every task of the agent uses it: it carries no task id and costs no budget.
    """

    def __init__(self, mesh: Mesh, servers: Sequence[str]) -> None:
        self.servers = tuple(servers)
        """Principals of the agent's tool servers, in the definition's order."""
        self._mesh = mesh
        self._listed: dict[str, tuple[ToolDescription, ...]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def tools(self, server: str, *, seconds: float) -> tuple[ToolDescription, ...]:
        """Return the tools of `server`; `seconds` is how long to wait. Raises as `list_tools` does."""
        async with self._locks.setdefault(server, asyncio.Lock()):
            listed = self._listed.get(server)
            if listed is None:
                listed = self._listed[server] = await list_tools(self._mesh, server, seconds=seconds)
            return listed

    def forget(self, server: str) -> None:
        """List the server again when it is next needed."""
        self._listed.pop(server, None)
