"""Calls again what may be called twice."""

import asyncio
import random
from collections.abc import Mapping
from typing import Any, Final

from mcp import MCPError
from mcp.types import CallToolResult, Tool

from lictor.protocols.mcp.service import CLOSED, INTERNAL_ERROR, TIMED_OUT, ToolSource

FIRST_PAUSE: Final = 0.2
"""Seconds before the second attempt; doubled for each further one, and spread."""

_PASSING: Final = frozenset({TIMED_OUT, CLOSED, INTERNAL_ERROR})


class Retrying:
    """A source whose read-only and idempotent tools are called up to `retries` times more when they fail in passing.

    Everything else is called once, because the first call may have had its effect.
    """

    def __init__(self, source: ToolSource, retries: int) -> None:
        self._source = source
        self._retries = retries
        self._repeatable: frozenset[str] | None = None

    async def list_tools(self) -> list[Tool]:
        """Return every tool; raises MCPError."""
        tools = await self._source.list_tools()
        self._repeatable = frozenset(tool.name for tool in tools if _is_repeatable(tool))
        return tools

    async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call one tool; raises the MCPError of the last attempt."""
        for attempt in range(self._retries):
            try:
                return await self._source.call_tool(name, arguments)
            except MCPError as error:
                if error.code not in _PASSING or not await self._may_repeat(name):
                    raise
            await asyncio.sleep(FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 — no secret
        return await self._source.call_tool(name, arguments)

    async def _may_repeat(self, name: str) -> bool:
        if self._repeatable is None:
            try:
                await self.list_tools()
            except MCPError:
                return False
        return name in (self._repeatable or ())


def _is_repeatable(tool: Tool) -> bool:
    hints = tool.annotations
    return hints is not None and (hints.read_only_hint is True or hints.idempotent_hint is True)
