"""The tools of an MCP server that is reached by Streamable HTTP."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2
from mcp import MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, Tool

from lictor.protocols.mcp.service import CLOSED, SessionSource
from lictor.runtime.definition.plan import ToolPlan
from lictor.runtime.tools.connection import Connection
from lictor.runtime.tools.failures import SourceFailed
from lictor.runtime.tools.secrets import revealed

_ANSWERED: Final = frozenset({-32700, -32601, -32602, -32001})
"""Errors that a working session gives; after any other the next call connects anew."""

_log = logging.getLogger(__name__)


class McpHttp:
    """Connects when it is needed: a server that is away is an error of the call, not of the process."""

    def __init__(self, plan: ToolPlan) -> None:
        self._plan = plan
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()
        self._closed = asyncio.Event()

    async def open(self) -> None:
        """Try to connect; a server that is away is only logged."""
        try:
            await self._tools()
        except MCPError as error:
            _log.warning("%s: %s; it is tried again with the next call", self._plan.principal, error.message)

    async def close(self) -> None:
        """Leave the session."""
        self._closed.set()
        await self._drop()

    async def wait(self) -> None:
        """Return once closed."""
        await self._closed.wait()

    async def list_tools(self) -> list[Tool]:
        """Return every tool; raises MCPError."""
        tools = await self._tools()
        try:
            return await tools.list_tools()
        except MCPError as error:
            await self._judge(error)
            raise

    async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call one tool; raises MCPError."""
        tools = await self._tools()
        try:
            return await tools.call_tool(name, arguments)
        except MCPError as error:
            await self._judge(error)
            raise

    async def _tools(self) -> SessionSource:
        async with self._connecting:
            if self._connection is None:
                connection = Connection(self._transport, asyncio.Event(), self._plan.timeout)
                try:
                    await connection.open()
                except SourceFailed as error:
                    raise MCPError(code=CLOSED, message=str(error)) from error
                self._connection = connection
            try:
                return SessionSource(self._connection.session, self._plan.timeout)
            except SourceFailed as error:
                self._connection = None
                raise MCPError(code=CLOSED, message=str(error)) from error

    async def _judge(self, error: MCPError) -> None:
        if error.code not in _ANSWERED:
            await self._drop()

    async def _drop(self) -> None:
        async with self._connecting:
            connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    @asynccontextmanager
    async def _transport(self) -> AsyncIterator[Any]:
        timeout = httpx2.Timeout(self._plan.timeout, read=max(self._plan.timeout, 300.0))
        async with (
            httpx2.AsyncClient(headers=revealed(self._plan.headers), timeout=timeout) as client,
            streamable_http_client(self._plan.url, http_client=client) as streams,
        ):
            yield streams
