import asyncio
import time
from typing import Any

import pytest
from mediated_team import Team, agent, running_team, uses

from lictor.protocols.a2a.reading import Citation
from lictor.protocols.a2a.writing import send_message
from lictor.protocols.subjects import Kind
from lictor.runtime.agent.calls import Reply
from lictor.runtime.agent.executor import TaskExecutor
from lictor.runtime.agent.failures import ToolLoop
from lictor.runtime.agent.service import AgentService
from lictor.runtime.agent.solver import Desk, Emit, Solver
from lictor.runtime.cli.approving import approve, waiting
from lictor.runtime.definition.plan import Budget, Permit


class Scripted(Solver):
    """A solver that does what a test says and keeps its desks."""

    def __init__(self, reply: Reply | Exception, pieces: tuple[str, ...] = ()) -> None:
        self._reply = reply
        self._pieces = pieces
        self.desks: list[Desk] = []

    async def solve(self, desk: Desk, emit: Emit) -> Reply:
        self.desks.append(desk)
        for piece in self._pieces:
            await emit(piece)
        if isinstance(self._reply, Exception):
            raise self._reply
        return self._reply


class ScriptedService(AgentService):
    """An agent service with a solver of its own."""

    def __init__(self, solver: Solver, *given: Any) -> None:
        super().__init__(*given)
        self._given = solver

    def _solver(self) -> Solver:
        return self._given


async def served(team: Team, solver: Solver) -> None:
    service = ScriptedService(solver, agent("writer", timeout=7.0), {}, team.bus.mesh("writer"))
    team.services["writer"] = service
    await service.open()


async def test_the_assignment_is_what_the_caller_sent_and_the_time_it_gives() -> None:
    solver = Scripted(Reply("done", (Citation("a.md", "A", "q"),), "m1"))
    async with running_team(
        agent("triage", delegates=("writer",)), agent("writer"), absent=["triage", "writer"]
    ) as team:
        await served(team, solver)
        body = send_message("hi", citations=[Citation("g.md", "G", "g")])
        outcome = await team.call("writer", body, seconds=100)
        async with team.task("triage") as thread:
            mesh = await team.mesh("triage")
            await mesh.request(Kind.A2A, "writer", body, timeout=100, thread=thread)

    assert (outcome.text, outcome.citations, outcome.model) == ("done", (Citation("a.md", "A", "q"),), "m1")
    by_operator, by_agent = (desk.assignment for desk in solver.desks)
    assert (by_operator.question, by_operator.citations) == ("hi", (Citation("g.md", "G", "g"),))
    assert by_operator.thread.task
    assert not by_operator.streams
    assert (by_operator.delegated, by_agent.delegated) == (False, True)
    assert by_operator.until - by_agent.until > 80  # the agent's `timeout` bounds delegations alone
    assert solver.desks[0].model.deadline == by_operator.until


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ToolLoop("writer goes round"), "writer goes round"),
        (RuntimeError("xyzzy"), "writer failed on this task; its log says why"),
        (TimeoutError("xyzzy"), "its time was over"),
    ],
)
async def test_a_failure_is_a_state_and_a_sentence(error: Exception, said: str) -> None:
    async with running_team(agent("writer"), absent=["writer"]) as team:
        await served(team, Scripted(error, ("be", "gun")))

        events = await team.follow("writer", "hi")

        assert (events[-1].state, events[-1].text) == ("failed", said)
        assert [event.text for event in events if not event.state] == ["be", "gun"]
        assert not any(b"xyzzy" in entry.body for entry in team.entries)


async def test_an_empty_answer_is_an_answer() -> None:
    async with running_team(agent("writer"), absent=["writer"]) as team:
        await served(team, Scripted(Reply("")))

        outcome = await team.ask("writer", "hi")

        assert (outcome.state, outcome.text, outcome.citations) == ("completed", "", ())


async def test_a_message_without_parts_is_an_error_of_the_standard() -> None:
    async with running_team(agent("writer"), absent=["writer"]) as team:
        await served(team, Scripted(Reply("never")))
        body = (
            b'{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"message":{"messageId":"m","role":"ROLE_USER"}}}'
        )

        assert (await team.call("writer", body)).code == -32602


async def test_a_stopped_executor_takes_nothing_new() -> None:
    executors: list[TaskExecutor] = []

    class Kept(ScriptedService):
        async def open(self) -> None:
            await super().open()
            assert self._executor is not None
            executors.append(self._executor)

    async with running_team(agent("writer"), absent=["writer"]) as team, asyncio.timeout(10):
        service = Kept(Scripted(Reply("never")), agent("writer"), {}, team.bus.mesh("writer"))
        team.services["writer"] = service
        await service.open()
        await executors[0].stop()

        outcome = await team.ask("writer", "hi")

        assert (outcome.state, outcome.text) == ("failed", "writer was stopped before it was done")


class Calling(Solver):
    """Calls one tool, and then asks its assignment how much time is left."""

    left = 0.0

    async def solve(self, desk: Desk, emit: Emit) -> Reply:
        result = await desk.calls.call_tool("tool-a", "look", {"query": "x"})
        self.left = desk.assignment.left(time.time())
        assert abs(desk.model._left() - self.left) < 0.1
        return Reply(result.text)


@pytest.mark.slow
async def test_a_tasks_time_stands_still_while_a_person_is_asked() -> None:
    plan = agent("writer", tools=uses("tool-a", permit=Permit(ask=("look",))), budget=Budget(time=5.0))
    solver = Calling()
    async with running_team(plan, absent=["writer"]) as team:
        await team.add_tools("tool-a", {"look": lambda _: {"content": [{"type": "text", "text": "found"}]}})
        service = ScriptedService(solver, plan, {}, team.bus.mesh("writer"))
        team.services["writer"] = service
        await service.open()
        operator = await team.mesh("op-other")
        held = asyncio.Event()
        mine = await team.mesh("op-cli")
        mine.on_held(lambda _thread, notice: None if notice.over else held.set())
        asking = asyncio.create_task(team.call("writer", send_message("hi"), seconds=6))
        await held.wait()
        await asyncio.wait({asking}, timeout=6.5)  # longer than the caller and the agent have
        assert not asking.done()
        [item] = await waiting(operator)
        await approve(operator, item["id"], item["digest"])
        outcome = await asking
    assert (outcome.state, outcome.text) == ("completed", "found")
    assert 3.0 < solver.left < 5.0
