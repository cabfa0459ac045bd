"""Telling and asking about what is held; the whole of it: tests/scenarios/test_approvals.py."""

import asyncio
import io
import os
import pty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from mediated_team import Team, agent, running_team, uses
from rich.console import Console

from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import new_id
from lictor.protocols.mcp.client import call_tool
from lictor.protocols.mcp.reading import Result
from lictor.runtime.cli import approving
from lictor.runtime.cli.prompting import Prompter, Teller, can_prompt
from lictor.runtime.definition.plan import Permit


def test_it_is_told_once_and_when_it_is_over() -> None:
    shown = io.StringIO()
    teller = Teller(Console(file=shown, width=400))
    notice = HeldNotice(new_id(), 1.0, sender="payer", target="tool-bank", tool="pay\x1b[2J")
    teller.take(notice)
    teller.take(notice)
    teller.take(HeldNotice(notice.approval, 1.0, over=True))
    teller.take(HeldNotice(new_id(), 1.0, over=True))
    lines = shown.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(
        f"waiting for an approval: lictor approvals approve {notice.approval} (payer → tool-bank"
    )
    assert "\x1b" not in lines[0]


def test_without_a_terminal_nobody_is_asked() -> None:
    assert not can_prompt()


@dataclass
class Desk:
    """A person at a terminal, and a tool call that waits."""

    team: Team
    typed: int
    """Where the person's keys go."""
    screen: io.StringIO
    calling: "asyncio.Task[Result]"

    async def shows(self, text: str) -> None:
        while text not in self.screen.getvalue():
            await asyncio.sleep(0.01)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Any:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield ours
    os.close(ours)


@asynccontextmanager
async def waiting_call(terminal: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    screen = io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    plan = agent("writer", tools=uses("tool-a", permit=Permit(ask=("look",))))
    async with running_team(plan, absent=["writer"]) as team:
        await team.add_tools("tool-a", {"look": lambda _: {"content": [{"type": "text", "text": "found"}]}})
        operator = await team.mesh("op-cli")
        async with team.task("writer") as thread, Prompter(operator, Console(file=screen, width=200)) as prompter:
            writer = await team.mesh("writer")
            writer.on_held(lambda _thread, notice: prompter.take(notice))
            calling = asyncio.create_task(call_tool(writer, "tool-a", "look", {"query": "x"}, seconds=5, thread=thread))
            yield Desk(team, terminal, screen, calling)


@pytest.mark.parametrize(("typed", "refused"), [("y", False), ("YES", False), ("", True), ("n", True), ("yep", True)])
async def test_only_a_yes_is_a_yes(terminal: int, monkeypatch: pytest.MonkeyPatch, typed: str, refused: bool) -> None:
    async with waiting_call(terminal, monkeypatch) as desk:
        await desk.shows("approve it? [y/N] ")
        assert "asks       writer → tool-a: look" in desk.screen.getvalue()
        os.write(terminal, f"{typed}\n".encode())
        [ended] = await asyncio.gather(desk.calling, return_exceptions=True)
        assert isinstance(ended, BaseException) is refused
        if refused:
            assert "op-cli denied it: at the prompt" in str(ended)


async def test_what_was_typed_before_it_was_shown_is_no_answer(terminal: int, monkeypatch: pytest.MonkeyPatch) -> None:
    os.write(terminal, b"y\n")
    async with waiting_call(terminal, monkeypatch) as desk:
        await desk.shows("approve it? [y/N] ")
        await asyncio.wait({desk.calling}, timeout=0.3)
        assert not desk.calling.done()
        os.write(terminal, b"n\n")
        assert isinstance((await asyncio.gather(desk.calling, return_exceptions=True))[0], BaseException)


async def test_somebody_else_is_faster(terminal: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async with waiting_call(terminal, monkeypatch) as desk:
        await desk.shows("approve it? [y/N] ")
        other = await desk.team.mesh("op-other")
        [item] = await approving.waiting(other)
        await approving.approve(other, item["id"], item["digest"])
        assert (await desk.calling).text == "found"
        await desk.shows("it was decided elsewhere")
