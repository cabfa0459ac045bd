"""The tools of an MCP server that is a child process."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from mcp import ClientSession, MCPError
from mcp.types import CallToolResult, Tool

from lictor.protocols.mcp.service import TIMED_OUT, SessionSource
from lictor.runtime.definition.plan import ToolPlan
from lictor.runtime.tools.child import Child
from lictor.runtime.tools.connection import Connection
from lictor.runtime.tools.events import wait_for_any
from lictor.runtime.tools.failures import SourceFailed
from lictor.runtime.tools.secrets import revealed

SIGN_OF_LIFE: Final = 3.0
"""Seconds in which a server that let a call time out has to answer a ping."""


class McpStdio:
    """Starts `plan.command`, and ends with it: an exit is for the supervisor, who starts everything anew.

    So is a server that hangs: one that lets a call time out and then does not answer a ping either.
    """

    def __init__(self, plan: ToolPlan) -> None:
        log = logging.getLogger(f"lictor.tools.{plan.principal}")
        self._plan = plan
        self._child = Child(plan.command, revealed(plan.environment), plan.folder, log)
        self._connection: Connection | None = None
        self._closed = asyncio.Event()
        self._hung = asyncio.Event()
        self._probing: asyncio.Task[None] | None = None

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
        if self._probing is not None:
            self._probing.cancel()
        if self._connection is not None:
            await self._connection.close()

    async def wait(self) -> None:
        """Return once closed; raises SourceFailed when the server has ended by itself, or hangs."""
        await wait_for_any(self._closed, self._child.exited, self._hung)
        if not self._closed.is_set():
            end = self._child.end or "hangs: it answers neither calls nor pings"
            raise SourceFailed(f"{self._name}: the MCP server {end}")

    async def list_tools(self) -> list[Tool]:
        """Return every tool; raises MCPError."""
        return await self._tools().list_tools()

    async def call_tool(self, name: str, arguments: Mapping[str, object]) -> CallToolResult:
        """Call one tool; raises MCPError, at once when the server ends meanwhile."""
        tools = self._tools()
        try:
            return await tools.call_tool(name, arguments)
        except MCPError as error:
            if error.code == TIMED_OUT and (self._probing is None or self._probing.done()):
                self._probing = asyncio.create_task(self._probe())
            raise

    async def _probe(self) -> None:
        """Find out whether the server is only slow; any answer to a ping will do, an error too."""
        try:
            async with asyncio.timeout(SIGN_OF_LIFE):
                await self._session().send_ping()
        except TimeoutError:
            self._hung.set()
        except (MCPError, SourceFailed):
            return

    def _session(self) -> ClientSession:
        if self._connection is None:
            raise SourceFailed(f"{self._name}: the MCP server is not started")
        return self._connection.session

    def _tools(self) -> SessionSource:
        return SessionSource(self._session(), self._plan.timeout)

    @property
    def _name(self) -> str:
        return f"{self._plan.principal} ({' '.join(self._plan.command)[:120]})"
