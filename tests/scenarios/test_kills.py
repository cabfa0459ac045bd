"""Parts of a running team are killed for real: callers learn at once, nothing is lost, all come back."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from running_team import RunningTeam, run_team

from lictor.protocols.identifiers import new_id

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningTeam]:
    async with run_team(tmp_path) as team:
        yield team


async def test_the_team_answers_and_every_message_is_recorded(running: RunningTeam) -> None:
    task = new_id()
    ending = await running.ask("front", "hello", task=task)
    assert ending.state == "completed"
    assert ending.outcome.text == "fine"
    await running.until(lambda: len(running.messages(task)) == 6, "all messages are recorded")
    told = [(message.sender, message.target, message.kind, message.outcome) for message in running.messages(task)]
    assert told == [
        ("op-cli", "front", "a2a", "allow"),
        ("front", "back", "a2a", "allow"),
        ("back", "model-m", "model", "allow"),
        ("model-m", "back", "reply", "allow"),
        ("back", "front", "reply", "allow"),
        ("front", "op-cli", "reply", "allow"),
    ]


async def test_the_enforcer_is_killed(running: RunningTeam) -> None:
    asking = asyncio.ensure_future(running.ask("front", "hold"))
    await running.held()
    old = running.kill("enforcer")
    ending = await asking
    assert ending.state == "unreachable"
    assert "enforcer" in ending.reason
    await running.renewed("enforcer", old)
    running.release()
    assert (await running.answered()).outcome.text == "fine"


async def test_without_an_enforcer_nothing_passes_and_callers_learn_at_once(running: RunningTeam) -> None:
    os.kill(running.part("enforcer").pid, signal.SIGSTOP)
    frozen = running.part("enforcer").pid
    late = await running.ask("front", "hello", seconds=0.5)
    assert late.state == "late"
    os.kill(frozen, signal.SIGKILL)
    await running.renewed("enforcer", frozen)
    assert (await running.answered()).state == "completed"


async def test_the_bus_is_killed(running: RunningTeam) -> None:
    asking = asyncio.ensure_future(running.ask("front", "hold"))
    await running.held()
    old = running.kill("bus")
    ending = await asking
    assert ending.state == "unreachable"
    await running.renewed("bus", old)
    running.release()
    assert (await running.answered()).outcome.text == "fine"
    assert all(part.restarts == 0 for part in running.team.report() if part.name != "bus")


async def test_the_model_worker_is_killed(running: RunningTeam) -> None:
    asking = asyncio.ensure_future(running.ask("back", "hold"))
    await running.held()
    old = running.kill("model-m")
    ending = await asking
    assert ending.state == "failed"
    assert "model" in ending.reason
    await running.renewed("model-m", old)
    running.release()
    assert (await running.answered("back")).outcome.text == "fine"


async def test_an_agent_is_killed(running: RunningTeam) -> None:
    asking = asyncio.ensure_future(running.ask("back", "hold"))
    await running.held()
    old = running.kill("back")
    ending = await asking
    assert ending.state == "unreachable"
    await running.renewed("back", old)
    running.release()
    assert (await running.answered("back")).outcome.text == "fine"


async def test_the_recorder_is_killed_and_nothing_is_lost(running: RunningTeam) -> None:
    task = new_id()
    asking = asyncio.ensure_future(running.ask("back", "hold", task=task))
    await running.held()
    old = running.kill("recorder")
    running.release()
    await asking
    await running.renewed("recorder", old)
    assert (await running.answered("back")).outcome.text == "fine"
    await running.until(lambda: len(running.messages(task)) >= 4, "what was judged meanwhile is recorded")
    ids = [message.id for message in running.messages(task)]
    assert len(ids) == len(set(ids))


async def test_a_frozen_recorder_lets_nothing_pass_for_long(running: RunningTeam) -> None:
    os.kill(running.part("recorder").pid, signal.SIGSTOP)
    frozen = running.part("recorder").pid
    os.kill(frozen, signal.SIGKILL)
    await running.renewed("recorder", frozen)
    assert (await running.answered("back")).state == "completed"


async def test_a_part_that_keeps_dying_is_given_up_and_its_callers_are_told(running: RunningTeam) -> None:
    for _ in range(4):
        old = running.part("back").pid
        os.kill(old, signal.SIGKILL)
        await running.until(
            lambda old=old: (
                running.part("back").state.value == "failed"  # type: ignore[misc]
                or (running.part("back").pid not in (0, old) and running.part("back").state.value == "ready")
            ),
            "back is up or given up",
        )
    assert running.part("back").state.value == "failed"
    assert "more than 3 restarts" in running.part("back").reason
    ending = await running.ask("back", "hello")
    assert ending.state == "unreachable"


async def test_a_failing_model_is_a_clear_failure(running: RunningTeam) -> None:
    ending = await running.ask("back", "crash")
    assert ending.state == "failed"
    assert "out of memory" in ending.reason or "model" in ending.reason


async def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    async with run_team(tmp_path) as running:
        pids = [part.pid for part in running.team.report()]
        assert all(Path(f"/proc/{pid}").exists() for pid in pids)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
