"""A whole team as real processes: bus, recorder, enforcer, scripted model, tools, agents."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from lictor.protocols.identifiers import new_id
from lictor.protocols.nats.mesh import NatsMesh
from lictor.runtime.bus.mint import DAY
from lictor.runtime.cli.asking import Ending, ask
from lictor.runtime.cli.team import OPERATOR, Team
from lictor.runtime.definition.load import require_plan
from lictor.runtime.store.results import Message, MessageFilter
from lictor.runtime.store.store import Store, open_store
from lictor.runtime.supervisor.supervisor import Report

PATIENCE = 30.0

RULES = """
rules:
- prefix: "hold"
  hold: gate
  answer: "at last"
- prefix: "crash"
  fail: "out of memory"
- regex: ".*"
  answer: "fine"
"""

YAML = """
models:
  m: {scripted: rules.yaml}
agents:
  front:
    model: m
    prompt: You pass on.
    route: in-order
    delegates: [back]
  back:
    model: m
    prompt: You answer.
"""


@dataclass
class RunningTeam:
    """The team, its record, and an operator's connection."""

    team: Team
    folder: Path
    store: Store
    mesh: NatsMesh

    async def ask(self, agent: str, text: str, *, seconds: float = PATIENCE, task: str = "") -> Ending:
        return await ask(self.mesh, agent, text, task=task or new_id(), seconds=seconds)

    def part(self, name: str) -> Report:
        return next(part for part in self.team.report() if part.name == name)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Kill a part for real; returns its old process id."""
        pid = self.part(name).pid
        os.kill(pid, number)
        return pid

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition on processes or files, which send no signal of their own."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{what}: not within {PATIENCE:g} s; {self.team.report()}") from None

    async def renewed(self, name: str, old: int) -> None:
        """Return when a part runs again as another process and is ready."""
        await self.until(
            lambda: self.part(name).pid not in (0, old) and self.part(name).state.value == "ready",
            f"{name} is ready again",
        )

    async def held(self) -> None:
        """Return when the model holds a request at the gate."""
        await self.until((self.folder / "gate.held").exists, "the model holds a request")

    def release(self) -> None:
        (self.folder / "gate.release").touch()

    async def answered(self, agent: str = "front", text: str = "hello") -> Ending:
        """Ask until the team answers: what was killed comes back by itself."""
        async with asyncio.timeout(PATIENCE):
            while True:
                ending = await self.ask(agent, text, seconds=5)
                if ending.state == "completed":
                    return ending
                await asyncio.sleep(0.02)

    def messages(self, task: str) -> list[Message]:
        return self.store.reader.messages(MessageFilter(task=task), limit=1000)


@asynccontextmanager
async def run_team(
    folder: Path, text: str = YAML, rules: str = RULES, *, ttl: float = DAY
) -> AsyncIterator[RunningTeam]:
    """Start a team from YAML in a folder of its own; `ttl` is how long its credentials are good for, in seconds."""
    (folder / "rules.yaml").write_text(rules)
    (folder / "team.yaml").write_text(text)
    plan = require_plan(Path("team.yaml"), environ={}, cwd=folder)
    team = Team(plan, folder / ".lictor", logs=folder / "logs", ttl=ttl)
    await team.open()
    store = open_store(plan.store)
    mesh = NatsMesh(lambda: team.access(OPERATOR))
    try:
        await mesh.open()
        yield RunningTeam(team, folder, store, mesh)
    finally:
        await mesh.close()
        store.close()
        await team.close()
