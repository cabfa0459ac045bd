"""Tool calls over the mesh: one MCP request, one response."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from lictor.protocols.errors import MalformedEnvelope, ProtocolError
from lictor.protocols.identifiers import new_id
from lictor.protocols.mcp.reading import Result, read_answer
from lictor.protocols.mesh import Mesh, Thread
from lictor.protocols.subjects import Kind


class ToolServerError(ProtocolError):
    """Raised when a tool server answers a listing with an error."""


@dataclass(frozen=True, slots=True)
class ToolDescription:
    """One tool, as its server describes it."""

    server: str
    """Principal of the server."""
    name: str
    description: str
    schema: Mapping[str, Any]
    """JSON Schema of the arguments."""


async def list_tools(
    mesh: Mesh, server: str, *, seconds: float, thread: Thread | None = None
) -> tuple[ToolDescription, ...]:
    """Return the tools of `server`; `seconds` is how long to wait.

    Raises ToolServerError, MalformedEnvelope and what `Mesh.request` raises.
    """
    answer = await mesh.request(Kind.MCP, server, listing(), timeout=seconds, thread=thread or Thread())
    outcome = read_answer(answer.body)
    if outcome.is_error:
        raise ToolServerError(f"{server}: {outcome.text}")
    tools = msgspec.json.decode(answer.body)["result"].get("tools")
    if not isinstance(tools, list):
        raise MalformedEnvelope(f"{server} answered a listing without tools")
    return tuple(_description(server, tool) for tool in tools if isinstance(tool, dict) and tool.get("name"))


async def call_tool(
    mesh: Mesh,
    server: str,
    tool: str,
    arguments: Mapping[str, Any],
    *,
    seconds: float,
    thread: Thread | None = None,
) -> Result:
    """Call one tool and return its result; `seconds` is how long to wait.

    A failure of the tool is a result with `is_error`; raises what `Mesh.request` raises.
    """
    answer = await mesh.request(Kind.MCP, server, calling(tool, arguments), timeout=seconds, thread=thread or Thread())
    return read_answer(answer.body)


def listing() -> bytes:
    """Return the body of a `tools/list` request."""
    return msgspec.json.encode({"jsonrpc": "2.0", "id": new_id(), "method": "tools/list", "params": {}})


def calling(tool: str, arguments: Mapping[str, Any]) -> bytes:
    """Return the body of a `tools/call` request."""
    params = {"name": tool, "arguments": dict(arguments)}
    return msgspec.json.encode({"jsonrpc": "2.0", "id": new_id(), "method": "tools/call", "params": params})


def _description(server: str, tool: Mapping[str, Any]) -> ToolDescription:
    schema = tool.get("inputSchema")
    return ToolDescription(
        server, str(tool["name"]), str(tool.get("description") or ""), schema if isinstance(schema, dict) else {}
    )
