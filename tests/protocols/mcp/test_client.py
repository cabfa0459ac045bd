import json
from typing import Any

import pytest
from mediated_team import Team, agent, mediation, team_data, uses

from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.mcp.client import ToolDescription, ToolServerError, calling, list_tools, listing
from lictor.protocols.mcp.reading import read_request
from lictor.protocols.mesh import Delivery


def test_bodies_are_requests_with_ids_of_their_own() -> None:
    assert read_request(listing()).method == "tools/list"
    assert read_request(listing()).id != read_request(listing()).id
    read = read_request(calling("find", {"q": "x"}))
    assert (read.method, read.tool, read.arguments) == ("tools/call", "find", {"q": "x"})


async def team_with(answer: dict[str, Any]) -> Team:
    plans = [agent("asker", tools=uses("tool-x"))]
    team = Team(mediation(plans, team_data(plans)))

    async def say(delivery: Delivery) -> None:
        await delivery.answer(json.dumps({"jsonrpc": "2.0", "id": read_request(delivery.body).id, **answer}).encode())

    await team.serve("tool-x", say)
    return team


async def test_tools_are_described_with_their_server() -> None:
    tools = [{"name": "find", "description": "Find it.", "inputSchema": {"type": "object"}}, {"name": ""}, "junk"]
    team = await team_with({"result": {"tools": tools}})
    listed = await list_tools(await team.mesh("asker"), "tool-x", seconds=5)
    assert listed == (ToolDescription("tool-x", "find", "Find it.", {"type": "object"}),)
    await team.close()


async def test_an_error_instead_of_a_listing_is_raised() -> None:
    team = await team_with({"error": {"code": -32000, "message": "gone"}})
    with pytest.raises(ToolServerError, match="tool-x: gone"):
        await list_tools(await team.mesh("asker"), "tool-x", seconds=5)
    await team.close()


async def test_a_listing_without_tools_is_malformed() -> None:
    team = await team_with({"result": {}})
    with pytest.raises(MalformedEnvelope, match="without tools"):
        await list_tools(await team.mesh("asker"), "tool-x", seconds=5)
    await team.close()
