"""The tools of an MCP server that is a child process."""

import asyncio
import logging
from collections.abc import Mapping

from mcp.types import CallToolResult, Tool

from lictor.protocols.mcp.service import SessionSource
from lictor.runtime.definition.plan import ToolPlan
from lictor.runtime.tools.child import Child
from lictor.runtime.tools.connection import Connection
from lictor.runtime.tools.failures import SourceFailed
from lictor.runtime.tools.secrets import revealed


class McpStdio:
    """Starts `plan.command`, and ends with it: an exit is for the supervisor, who starts everything anew."""

    def __init__(self, plan: ToolPlan) -> None:
        log = logging.getLogger(f"lictor.tools.{plan.principal}")
        self._plan = plan
        self._child = Child(plan.command, revealed(plan.environment), plan.folder, log)
        self._connection: Connection | None = None
        self._closed = asyncio.Event()

    async def open(self) -> None:
        """Start the server and shake hands; raises SourceFailed."""
        if self._connection is None:
            self._connection = Connection(self._child.streams, self._child.exited)
            try:
                await self._connection.open()
            except SourceFailed as error:
                end = f"; it {self._child.end}" if self._child.end else ""
                raise SourceFailed(f"{self._name}: {error}{end}") from error

    async def close(self) -> None:
        """Stop the server and everything that it has started."""
        self._closed.set()
        if self._connection is not None:
            await self._connection.close()

    async def wait(self) -> None:
        """Return once closed; raises SourceFailed when the server has ended by itself."""
        waiting = [asyncio.create_task(each.wait()) for each in (self._closed, self._child.exited)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        if not self._closed.is_set():
            raise SourceFailed(f"{self._name}: the MCP server {self._child.end}")

    async def list_tools(self) -> list[Tool]:
        """Return every tool; raises MCPError."""
        return await self._tools().list_tools()

    async def call_tool(self, name: str, arguments: Mapping[str, object]) -> CallToolResult:
        """Call one tool; raises MCPError, at once when the server ends meanwhile."""
        return await self._tools().call_tool(name, arguments)

    def _tools(self) -> SessionSource:
        if self._connection is None:
            raise SourceFailed(f"{self._name}: the MCP server is not started")
        return SessionSource(self._connection.session, self._plan.timeout)

    @property
    def _name(self) -> str:
        return f"{self._plan.principal} ({' '.join(self._plan.command)[:120]})"
