"""The agent's tools as LangChain's, and by name."""

from collections.abc import Sequence
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool, ToolException

from lictor.protocols.errors import Refused
from lictor.protocols.mcp.client import ToolDescription
from lictor.protocols.names import Role, is_name, role_of
from lictor.runtime.agent.calls import Calls
from lictor.runtime.agent.choosing import refused_sentence, short
from lictor.runtime.agent.failures import CallFailed, UnknownTool


async def list_described(calls: Calls) -> tuple[ToolDescription, ...]:
    """Return the tools of every server that lists them; one that is refused or not there has none."""
    found: list[ToolDescription] = []
    for server in calls.servers:
        try:
            found.extend(await calls.tools(server))
        except (Refused, CallFailed):
            continue
    return tuple(found)


async def find_tool(calls: Calls, name: str) -> tuple[str, str]:
    """Return the server and the tool that a name means; lists anew before it gives up. Raises UnknownTool.

    A server that the agent may not use is asked all the same, so that the refusal is the enforcer's.
    """
    server, slash, tool = name.rpartition("/")
    if slash:
        return _principal(server, calls.servers), tool
    for attempt in range(2):
        described = await list_described(calls)
        if found := _match(described, name):
            return found
        if not attempt:
            for each in calls.servers:
                calls.relist(each)
    if is_name(name) and role_of(name) is Role.TOOL and name not in calls.servers:
        listed = await calls.tools(name)
        if len(listed) == 1:
            return name, listed[0].name
    raise UnknownTool(f"there is no tool {name[:80]!r}: the agent has {_names(described)}")


def bind(calls: Calls, described: Sequence[ToolDescription]) -> list[BaseTool]:
    """Return LangChain tools; a tool's error, a refusal and a dead server are errors that the model reads."""
    names = [tool.name for tool in described]
    return [_bound(calls, tool, unique=names.count(tool.name) == 1) for tool in described]


def _bound(calls: Calls, tool: ToolDescription, *, unique: bool) -> BaseTool:
    async def call(**arguments: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 -- whatever the tool's schema says
        try:
            result = await calls.call_tool(tool.server, tool.name, arguments)
        except Refused as refused:
            raise ToolException(refused_sentence(tool.name, refused)) from refused
        except CallFailed as failed:
            raise ToolException(str(failed)) from failed
        if result.is_error:
            raise ToolException(f"{tool.name} failed: {result.text}")
        return result.text, dict(result.structured)

    return StructuredTool(
        name=tool.name if unique else f"{short(tool.server)}_{tool.name}",
        description=tool.description,
        args_schema=dict(tool.schema) or {"type": "object", "properties": {}},
        coroutine=call,
        response_format="content_and_artifact",
        handle_tool_error=True,
    )


def _match(described: Sequence[ToolDescription], name: str) -> tuple[str, str] | None:
    by_name = [tool for tool in described if tool.name == name]
    by_server = [tool for tool in described if name in (tool.server, short(tool.server))]
    for found in (by_name, by_server):
        if len(found) == 1:
            return found[0].server, found[0].name
    return None


def _principal(server: str, servers: Sequence[str]) -> str:
    return next((each for each in servers if server in (each, short(each))), server)


def _names(described: Sequence[ToolDescription]) -> str:
    return ", ".join(sorted(f"{short(tool.server)}/{tool.name}" for tool in described)) or "none"
