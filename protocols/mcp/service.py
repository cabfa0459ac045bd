"""Serving MCP deliveries from whatever has tools: a connected session, functions, an index."""

import logging
from collections.abc import Mapping
from typing import Any, Final, Protocol

import msgspec
from mcp import ClientSession, MCPError
from mcp.types import CallToolResult, ListToolsResult, PaginatedRequestParams, TextContent, Tool
from pydantic import BaseModel, ValidationError

from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.mcp.reading import Request, read_request
from lictor.protocols.mesh import Delivery

INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INTERNAL_ERROR: Final = -32603
TIMED_OUT: Final = -32001
CLOSED: Final = -32000

LARGEST_ANSWER: Final = 1_000_000
"""Bytes of an answer; what is longer the enforcer would not let through."""

_MOST_PAGES: Final = 50

_log = logging.getLogger(__name__)


class ToolSource(Protocol):
    """Whatever has tools. Both methods may raise MCPError, which is answered as it is."""

    async def list_tools(self) -> list[Tool]:
        """Return every tool."""
        ...

    async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call one tool; a failure of the tool is a result with `is_error`."""
        ...


class SessionSource:
    """The tools of a connected MCP server: the bridge from the mesh to a session."""

    def __init__(self, session: ClientSession, timeout: float) -> None:
        self._session = session
        self._timeout = timeout

    async def list_tools(self) -> list[Tool]:
        """Return every tool of every page; raises MCPError."""
        tools: list[Tool] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await self._session.list_tools(params=PaginatedRequestParams(cursor=cursor))
            tools.extend(page.tools)
            cursor = page.next_cursor
            if not cursor:
                return tools
        raise MCPError(code=INTERNAL_ERROR, message=f"the server lists more than {_MOST_PAGES} pages of tools")

    async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call one tool; raises MCPError, also when no answer came in time.

        A result that is not what MCP or the tool's own schema says is a failure of the tool.
        """
        try:
            return await self._session.call_tool(name, dict(arguments), read_timeout_seconds=self._timeout)
        except (ValidationError, RuntimeError) as error:
            _log.warning("the result of the tool %.80s is not valid: %.300s", name, error)
            return failed(f"The result of {name[:80]} is not valid.")


class ToolService:
    """Answers MCP deliveries from one source of tools."""

    def __init__(self, source: ToolSource, most: int = LARGEST_ANSWER) -> None:
        self._source = source
        self._most = most

    async def handle(self, delivery: Delivery) -> None:
        """Answer one delivery; errors become JSON-RPC errors, and no exception's text leaves the process."""
        try:
            request = read_request(delivery.body)
        except MalformedEnvelope as error:
            await delivery.answer(_error(None, INVALID_REQUEST, str(error)))
            return
        try:
            result = await self._answer(request)
        except MCPError as error:
            await delivery.answer(_error(request.id, error.code, error.message))
        except Exception:
            _log.exception("an MCP request failed")
            await delivery.answer(_error(request.id, INTERNAL_ERROR, "the tool server failed on this request"))
        else:
            await delivery.answer(self._fitting(request, msgspec.json.encode(_response(request, result))))

    def _fitting(self, request: Request, body: bytes) -> bytes:
        if len(body) <= self._most:
            return body
        sentence = f"The result has {len(body)} bytes, and {self._most} is the limit. Ask for less."
        if request.method != "tools/call":
            return _error(request.id, INTERNAL_ERROR, sentence)
        return msgspec.json.encode(_response(request, _dumped(failed(sentence))))

    async def _answer(self, request: Request) -> dict[str, Any]:
        match request.method:
            case "tools/call":
                called = await self._source.call_tool(request.tool, request.arguments)
                return _dumped(called)
            case "tools/list":
                return _dumped(ListToolsResult(tools=await self._source.list_tools()))
            case "ping":
                return {}
        raise MCPError(code=METHOD_NOT_FOUND, message=f"method {request.method[:80]!r} is not served")


def failed(sentence: str) -> CallToolResult:
    """Return the result of a tool that failed, with a sentence for the model."""
    return CallToolResult(content=[TextContent(type="text", text=sentence)], is_error=True)


def _dumped(result: BaseModel) -> dict[str, Any]:
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


def _response(request: Request, result: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request.id, "result": result}


def _error(identifier: str | int | None, code: int, message: str) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "id": identifier, "error": {"code": code, "message": message}})
