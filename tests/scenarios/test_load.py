"""Many tasks at once and one after the other: none is mixed up, none is lost, nothing grows without bound."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from running_team import YAML, RunningTeam, run_team

from lictor.protocols.a2a.writing import send_message
from lictor.protocols.identifiers import new_id
from lictor.protocols.mesh import Answer, Thread
from lictor.protocols.subjects import Kind
from lictor.runtime.cli.asking import Ending
from lictor.runtime.inference.worker import MOST_REQUESTS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("load"),
]

RULES = """
rules:
- regex: "hold"
  hold: gate
  answer: "at last"
- regex: 'question (\\w+)'
  answer: 'the answer to \\1 is as follows'
- regex: ".*"
  answer: "fine"
"""
AT_ONCE = 40
WARM, MORE = 300, 334
"""Tasks; 334 of them are 2,004 messages."""
GROWTH_MB = 12
GIVEN_UP = re.compile(r"its time was over|did not answer within 2 s|model is busy")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningTeam]:
    text = YAML + "guards: {rate: 1000/1s}\n"
    async with run_team(tmp_path_factory.mktemp("load"), text, RULES) as team:
        yield team


async def ask_all(running: RunningTeam, names: list[str]) -> dict[str, tuple[str, Ending]]:
    """Ask at once, each question with its own name; return task and ending by name."""
    tasks = {name: new_id() for name in names}
    endings = await asyncio.gather(
        *(running.ask("front", f"question {name}", task=tasks[name], seconds=60) for name in names)
    )
    return {name: (tasks[name], ending) for name, ending in zip(names, endings, strict=True)}


async def test_forty_tasks_at_once_are_answered_and_not_mixed_up(running: RunningTeam) -> None:
    before = running.store.reader.last()
    ended = await ask_all(running, [f"q{number}x" for number in range(AT_ONCE)])
    for name, (_, ending) in ended.items():
        assert (ending.state, ending.outcome.text) == ("completed", f"the answer to {name} is as follows")
    await running.until(lambda: running.store.reader.last() - before >= 6 * AT_ONCE, "all messages are recorded")
    seen: Counter[str] = Counter()
    for name, (task, _) in ended.items():
        messages = running.messages(task)
        assert len(messages) == 6
        assert all(re.search(rf"\b{name}\b", message.said) for message in messages if message.body)
        seen.update(message.id for message in messages)
    assert set(seen.values()) == {1}
    assert len(seen) == 6 * AT_ONCE == running.store.reader.last() - before


async def test_an_answer_is_streamed_word_by_word(running: RunningTeam) -> None:
    text = "question streamed"
    body = send_message(text, streaming=True)
    task = new_id()
    parts: list[Answer] = [
        part async for part in running.mesh.stream(Kind.A2A, "back", body, timeout=30, thread=Thread(task=task))
    ]
    results = [msgspec.json.decode(part.body)["result"] for part in parts]
    pieces = [
        part["text"]
        for result in results
        if "artifactUpdate" in result
        for part in result["artifactUpdate"]["artifact"]["parts"]
        if "text" in part
    ]
    whole = "the answer to streamed is as follows"
    assert [part.end for part in parts] == [False] * (len(parts) - 1) + [True]
    assert len(pieces) > 3
    assert pieces[-1] == whole
    assert "".join(pieces[:-1]).strip() == whole
    recorded = [message.id for message in running.messages(task)]
    await running.until(lambda: any(message.ends for message in running.messages(task)), "the end is recorded")
    assert len(recorded) == len(set(recorded))


async def test_callers_that_give_up_free_the_agent_and_the_model(running: RunningTeam) -> None:
    asked = MOST_REQUESTS + 6
    endings = await asyncio.gather(*(running.ask("back", "hold", seconds=2) for _ in range(asked)))
    assert {ending.state for ending in endings} <= {"late", "failed"}
    assert not [ending.reason for ending in endings if not GIVEN_UP.search(ending.reason)]
    ending = await running.ask("back", "question next")
    assert (ending.state, ending.outcome.text) == ("completed", "the answer to next is as follows")
    assert not (running.folder / "gate.release").exists()


async def test_a_team_that_works_for_long_does_not_grow(running: RunningTeam) -> None:
    await work(running, WARM)
    before = sizes(running)
    await work(running, MORE)
    after = sizes(running)
    grown = {name: after[name] - before[name] for name in before}
    assert all(grown[name] < GROWTH_MB for name in grown), (before, after)
    assert all(part.restarts == 0 for part in running.team.report())


async def work(running: RunningTeam, tasks: int) -> None:
    """Let the team work off tasks, eight at a time."""
    left = [f"w{number}" for number in range(tasks)]
    while left:
        now, left = left[:8], left[8:]
        ended = await ask_all(running, now)
        assert all(ending.state == "completed" for _, ending in ended.values())


def sizes(running: RunningTeam) -> dict[str, float]:
    """Return the resident memory of every part in megabytes."""
    told = {part.name: Path(f"/proc/{part.pid}/status").read_text() for part in running.team.report()}
    return {name: int(re.findall(r"VmRSS:\s+(\d+) kB", text)[0]) / 1024 for name, text in told.items()}
