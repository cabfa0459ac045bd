"""Credentials expire while a team runs: its parts and its operator have fresh ones by then."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from command_line import Done, lictor, processes_in
from running_team import RULES, YAML, run_team

from lictor.protocols.nats.access import read_access
from lictor.runtime.cli.commands.up import Serving
from lictor.runtime.cli.state import StateFolder
from lictor.runtime.definition.load import require_plan

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("renewal")]

TTL = 4.0


async def test_parts_and_operator_go_on_when_their_credentials_have_expired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "first").mkdir()
    async with run_team(tmp_path / "first"):
        pass  # from here on parts start in less time than their credentials are good for
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "rules.yaml").write_text(RULES)
    (folder / "lictor.yaml").write_text(YAML)
    monkeypatch.chdir(folder)
    state = StateFolder(folder)
    state.hold()
    plan = require_plan(Path("lictor.yaml"), environ={}, cwd=folder)
    serving = asyncio.ensure_future(Serving(plan, Path("lictor.yaml"), state, 0, ttl=TTL).serve())
    try:
        await until(lambda: serving.done() or (state.credentials.exists() and state.read().ready), "the team is ready")
        first = read_access(state.credentials, state.read().url)
        assert 0 < first.expires - time.time() <= TTL
        pids = {part.name: part.pid for part in state.read().parts}
        await until(lambda: time.time() > first.expires + TTL / 2, "what every part began with has expired")
        await sent(folder)
        told = state.read()
        assert read_access(state.credentials, told.url).expires > time.time()
        assert {part.name: part.pid for part in told.parts} == pids
        logs = "".join(path.read_text() for path in (folder / ".lictor" / "logs").glob("*.log"))
        assert "Traceback" not in logs
    finally:
        if not serving.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await serving
        state.leave()
    await until(lambda: processes_in(folder) == [os.getpid()], "every process is gone")


async def sent(folder: Path) -> None:
    """Send until there is an answer: each connection ends with its credentials, and takes what waits with it."""
    async with asyncio.timeout(60):
        while True:
            done: Done = await asyncio.to_thread(lictor, folder, "send", "front", "hello", "--timeout", "5s")
            if done.code == 0:
                assert done.out == "fine\n"
                return


async def until(condition: object, what: str) -> None:
    """Wait for processes and files, which send no signal of their own."""
    assert callable(condition)
    try:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(what) from None
