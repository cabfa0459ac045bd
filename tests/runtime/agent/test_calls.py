import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from mediated_team import Team, agent, passage, running_team, uses

from lictor.protocols.a2a.reading import Citation, read_request
from lictor.protocols.errors import NoEnforcer, Refused
from lictor.protocols.mesh import Delivery, Mesh, Thread
from lictor.runtime.agent.assignment import Assignment
from lictor.runtime.agent.calls import Calls, data_part
from lictor.runtime.agent.catalogue import ToolCatalogue
from lictor.runtime.agent.failures import CallFailed

GIVEN = Citation("given.md", "Given", "g")


@pytest.fixture
async def team() -> AsyncIterator[Team]:
    triage = agent("triage", tools=uses("tool-a"), delegates=("writer",))
    async with running_team(triage, agent("writer"), agent("legal"), absent=["triage", "writer", "legal"]) as team:
        yield team


async def calls_of(mesh: Mesh, thread: Thread, until: float = 2e9) -> Calls:
    return Calls(mesh, ToolCatalogue(mesh, ["tool-a"]), Assignment("?", (GIVEN,), thread, until))


def answered(result: Any) -> Any:
    async def answer(delivery: Delivery) -> None:
        await delivery.answer(json.dumps({"jsonrpc": "2.0", "id": 1, **result}).encode())

    return answer


def finished(state: str, text: str) -> dict[str, Any]:
    status = {"state": state, "message": {"messageId": "m", "role": "ROLE_AGENT", "parts": [{"text": text}]}}
    return {"result": {"task": {"id": "t", "contextId": "c", "status": status}}}


async def test_passages_are_remembered_and_sent_along(team: Team) -> None:
    seen: list[bytes] = []

    async def writer(delivery: Delivery) -> None:
        seen.append(delivery.body)
        data = {"citations": [{"file": "w.md", "heading": "W", "quote": "w"}], "model": "m1"}
        artifact = {"artifactId": "a", "parts": [{"text": "written"}, {"data": data}]}
        task = {"id": "t", "contextId": "c", "status": {"state": "TASK_STATE_COMPLETED"}, "artifacts": [artifact]}
        await answered({"result": {"task": task}})(delivery)

    await team.add_tools("tool-a", {"search": lambda _: passage("a.md", "A", "yes")})
    await team.serve("writer", writer)
    async with team.task("triage") as thread:
        calls = await calls_of(await team.mesh("triage"), thread)
        result = await calls.call_tool("tool-a", "search", {"query": "?"})
        reply = await calls.delegate("writer", "write it")

    request = read_request(seen[0])
    assert result.text == "yes"
    assert (request.text, request.citations) == ("write it", (GIVEN, Citation("a.md", "A", "yes")))
    assert (reply.text, reply.citations, reply.model) == ("written", (Citation("w.md", "W", "w"),), "m1")
    assert [each.file for each in calls.met] == ["given.md", "a.md", "w.md"]


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (finished("TASK_STATE_FAILED", "out of ink"), "writer could not do it: out of ink"),
        (finished("TASK_STATE_WORKING", ""), "writer did not finish its task"),
        ({"error": {"code": -32603, "message": "odd"}}, "writer answered with an error: odd"),
        ({"result": {"task": 5}}, "writer answered with garbage"),
        ({"result": {}}, "writer answered with garbage"),
    ],
)
async def test_a_delegate_that_does_not_do_it_has_failed(team: Team, result: dict[str, Any], said: str) -> None:
    await team.serve("writer", answered(result))
    async with team.task("triage") as thread:
        calls = await calls_of(await team.mesh("triage"), thread)

        with pytest.raises(CallFailed) as failed:
            await calls.delegate("writer", "?")

    assert str(failed.value) == said


async def test_what_is_not_there_has_failed_and_what_is_not_allowed_is_refused(team: Team) -> None:
    async with team.task("triage") as thread:
        calls = await calls_of(await team.mesh("triage"), thread)

        with pytest.raises(CallFailed, match="tool-a is not there"):
            await calls.tools("tool-a")
        with pytest.raises(CallFailed, match="tool-a is not there"):
            await calls.call_tool("tool-a", "search", {})
        with pytest.raises(CallFailed, match="writer is not there"):
            await calls.delegate("writer", "?")
        with pytest.raises(Refused) as refused:
            await calls.delegate("legal", "?")
        assert refused.value.refusal.file == "team.yaml"


async def test_nothing_is_asked_once_the_time_is_over(team: Team) -> None:
    calls = await calls_of(await team.mesh("triage"), Thread(), until=1.0)

    with pytest.raises(CallFailed, match="the task's time was over"):
        await calls.delegate("writer", "?")


async def test_a_call_that_hangs_ends_with_the_tasks_time(team: Team) -> None:
    async def hang(delivery: Delivery) -> None:
        await asyncio.Event().wait()

    await team.serve("writer", hang)
    async with team.task("triage") as thread:
        loop = asyncio.get_running_loop()
        mesh = await team.mesh("triage")
        calls = await calls_of(mesh, thread, until=time.time() + 0.2)
        began = loop.time()
        with pytest.raises(CallFailed, match="writer did not answer in time"):
            await calls.delegate("writer", "?")
        assert loop.time() - began < 5


async def test_without_an_enforcer_nothing_passes(team: Team) -> None:
    async with team.task("triage") as thread:
        calls = await calls_of(await team.mesh("triage"), thread)
        mediator, team.bus.mediator = team.bus.mediator, None
        with pytest.raises(NoEnforcer):
            await calls.delegate("writer", "?")
        team.bus.mediator = mediator


async def test_a_delegation_that_no_enforcer_took_is_sent_again(team: Team) -> None:
    await team.serve("writer", answered(finished("TASK_STATE_COMPLETED", "done")))
    async with team.task("triage") as thread:
        mesh = await team.mesh("triage")
        calls = Calls(mesh, ToolCatalogue(mesh, []), Assignment("?", (), thread, 2e9), retries=1)
        mediator, team.bus.mediator = team.bus.mediator, None
        asking = asyncio.ensure_future(calls.delegate("writer", "?"))
        await asyncio.wait({asking}, timeout=0.05)
        assert not asking.done()
        team.bus.mediator = mediator
        assert (await asking).text == "done"


async def test_a_refused_tool_call_makes_the_server_be_listed_again(team: Team) -> None:
    await team.add_tools("tool-a", {"search": lambda _: {}})
    calls = await calls_of(await team.mesh("triage"), Thread())  # no task: the call is refused, the listing is not

    await calls.tools("tool-a")
    await calls.tools("tool-a")
    with pytest.raises(Refused):
        await calls.call_tool("tool-a", "search", {})
    await calls.tools("tool-a")

    assert [each["method"] for each in team.heard["tool-a"].requests] == ["tools/list", "tools/list"]


def test_a_document_is_a_data_part() -> None:
    assert MessageToDict(data_part({"a": ["b"]})) == {"data": {"a": ["b"]}, "mediaType": "application/json"}
