from collections.abc import AsyncIterator

import pytest
from langchain_core.messages import ToolMessage
from mediated_team import Team, agent, passage, running_team, uses

from lictor.protocols.errors import Refused
from lictor.protocols.mesh import Thread
from lictor.runtime.agent.assignment import Assignment
from lictor.runtime.agent.calls import Calls
from lictor.runtime.agent.catalogue import ToolCatalogue
from lictor.runtime.agent.failures import UnknownTool
from lictor.runtime.agent.toolbox import bind, find_tool, list_described
from lictor.runtime.definition.plan import Permit


@pytest.fixture
async def team() -> AsyncIterator[Team]:
    permit = Permit(allow=("search", "bad"), deny=("erase",))
    async with running_team(agent("triage", tools=uses("tool-a", "tool-b", permit=permit)), absent=["triage"]) as team:
        failing = {"content": [{"type": "text", "text": "no disk"}], "isError": True}
        await team.add_tools(
            "tool-a",
            {"search": lambda given: passage("a.md", "A", str(given)), "bad": lambda _: failing, "erase": lambda _: {}},
        )
        yield team


async def calls_of(team: Team, thread: Thread, *servers: str) -> Calls:
    return Calls(
        await team.mesh("triage"),
        ToolCatalogue(await team.mesh("triage"), servers or ["tool-a", "tool-b"]),
        Assignment("?", thread=thread, until=2e9),
    )


async def test_a_tool_is_found_by_its_name_by_server_and_name_and_by_a_server_with_one(team: Team) -> None:
    await team.add_tools("tool-b", {"only": lambda _: {}})
    calls = await calls_of(team, Thread())

    assert await find_tool(calls, "search") == ("tool-a", "search")
    assert await find_tool(calls, "a/erase") == ("tool-a", "erase")
    assert await find_tool(calls, "tool-a/erase") == ("tool-a", "erase")
    assert await find_tool(calls, "b") == ("tool-b", "only")
    assert await find_tool(calls, "tool-b") == ("tool-b", "only")


async def test_an_unknown_tool_is_looked_for_once_more(team: Team) -> None:
    calls = await calls_of(team, Thread())
    await list_described(calls)
    await team.add_tools("tool-b", {"late": lambda _: {}})

    assert await find_tool(calls, "late") == ("tool-b", "late")
    with pytest.raises(UnknownTool, match="there is no tool 'nothing': the agent has a/bad, a/erase, a/search, b/late"):
        await find_tool(calls, "nothing")


async def test_a_foreign_server_is_refused_by_the_enforcer(team: Team) -> None:
    with pytest.raises(Refused):
        await find_tool(await calls_of(team, Thread()), "tool-foreign")


async def test_langchain_reads_results_errors_and_refusals(team: Team) -> None:
    async with team.task("triage") as thread:
        calls = await calls_of(team, thread, "tool-a")
        tools = {tool.name: tool for tool in bind(calls, await list_described(calls))}

        async def call(name: str) -> ToolMessage:
            message = await tools[name].ainvoke({"name": name, "args": {"query": "x"}, "id": "1", "type": "tool_call"})
            assert isinstance(message, ToolMessage)
            return message

        good, bad, refused = await call("search"), await call("bad"), await call("erase")

    assert (good.status, good.content) == ("success", "{'query': 'x'}")
    assert good.artifact["passages"][0]["file"] == "a.md"
    assert (bad.status, bad.content) == ("error", "bad failed: no disk")
    assert refused.status == "error"
    assert str(refused.content).startswith("erase was refused: ")
    assert calls.met[0].file == "a.md"
