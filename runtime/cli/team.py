"""A running team: the bus and every part of it under one supervisor. All wiring is here."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.runtime.bus.mint import Mint, external_mint
from lictor.runtime.bus.server import BusFailed, BusServer
from lictor.runtime.cli.parts.entry import Entry
from lictor.runtime.definition.plan import AgentPlan, Plan
from lictor.runtime.supervisor.child import ChildFailed, ChildSpec, Handle, Restart, Starter
from lictor.runtime.supervisor.process import ForkServer, PartProcess
from lictor.runtime.supervisor.supervisor import Report, Supervisor

OPERATOR: Final = "op-cli"
"""The principal of the command line."""

_PRELOAD: Final = tuple(
    f"lictor.runtime.cli.parts.{part}" for part in ("recorder", "enforcer", "tool", "model", "agent")
)
_LOST: Final = "lictor.control.lost"
_RENEW_EVERY: Final = 8 * 3600.0

Progress = Callable[[str, str, float], None]
"""Told what was started, a few words about it, and the seconds it took."""


class Team:
    """Everything that one plan needs, as processes.

    `folder` is where the team keeps its bus, `logs` where its parts write; `bus_port` 0 means any free one.
    `on_renewal` is called whenever credentials that were handed out are about to expire.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        *,
        logs: Path,
        bus_port: int = 0,
        on_change: Callable[[], None] = lambda: None,
        on_renewal: Callable[[], None] = lambda: None,
    ) -> None:
        self.plan = plan
        self._on_renewal = on_renewal
        self._bus = BusServer(folder / "bus", port=bus_port) if plan.nats == "embedded" else None
        self._mint: Mint | None = None
        self._forks = ForkServer(_PRELOAD, logs)
        self._processes: dict[str, PartProcess[BusAccess]] = {}
        self._trunk: NatsTrunk | None = None
        self._renewing: asyncio.Task[None] | None = None
        self.principals = (
            *(agent.name for agent in plan.agents),
            *(tool.principal for tool in plan.tools),
            *(model.principal for model in plan.models),
            OPERATOR,
        )
        self.supervisor = Supervisor(self._children(), announce=self._announce, on_change=on_change)

    @property
    def url(self) -> str:
        """Address of the bus."""
        return self._bus.url if self._bus is not None else self.plan.nats

    def access(self, principal: str) -> BusAccess:
        """Mint credentials for one instance of a principal; raises ChildFailed before the bus is there."""
        if self._mint is None:
            raise ChildFailed("the bus is not there yet")
        return self._mint.access(principal)

    def report(self) -> tuple[Report, ...]:
        """Return the state of every part."""
        return self.supervisor.report()

    async def open(self, progress: Progress = lambda _what, _words, _seconds: None) -> None:
        """Start everything in order; raises ChildFailed, what the bus raises, and leaves nothing running then."""
        try:
            await self._open(progress)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Stop everything, what depends on others first; a second call does nothing."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
            self._renewing = None
        await self.supervisor.stop()
        if self._trunk is not None:
            with contextlib.suppress(MeshUnavailable):
                await self._trunk.close()
            self._trunk = None

    async def _open(self, progress: Progress) -> None:
        names = {report.name: report.kind for report in self.report()}
        started = time.monotonic()
        if self._bus is None:
            self._mint = external_mint(self.plan.nats, self.plan.nats_credentials or Path())
        else:
            self.supervisor.begin(["bus"])
            await self.supervisor.ready(["bus"])
            self._mint = self._bus.mint()
        trunk = NatsTrunk(partial(self.access, "supervisor"))
        await trunk.open()
        self._trunk = trunk
        progress("bus", f"{'embedded' if self._bus else 'external'} {self.url}", time.monotonic() - started)
        for kinds, what, words in (
            (("recorder",), "record", self.plan.store.rpartition("@")[2]),
            (("enforcer",), "enforcer", f"{len(self.principals)} principals"),
            (("model", "tool", "agent"), "agents", ", ".join(agent.name for agent in self.plan.agents)),
        ):
            started = time.monotonic()
            chosen = [name for name, kind in names.items() if kind in kinds]
            self.supervisor.begin(chosen)
            await self.supervisor.ready(chosen)
            progress(what, words, time.monotonic() - started)
        self._renewing = asyncio.create_task(self._renew())

    def _children(self) -> list[tuple[ChildSpec, Starter]]:
        plan = self.plan
        described = {agent.name: agent.description for agent in plan.agents}
        trusted = partial(ChildSpec, intensity=10, significant=True)
        children: list[tuple[ChildSpec, Starter]] = []
        if self._bus is not None:
            children.append((trusted("bus", "bus"), partial(_start_bus, self._bus)))
        children += [
            self._child(trusted("recorder", "recorder"), Entry("recorder", (plan.store,))),
            self._child(trusted("enforcer", "enforcer"), Entry("enforcer", (plan, self.principals))),
        ]
        children += [
            self._child(ChildSpec(model.principal, "model", intensity=5), Entry("model", (model,)))
            for model in plan.models
        ]
        children += [
            self._child(ChildSpec(tool.principal, "tool", intensity=5, backoff_first=0.2), Entry("tool", (tool,)))
            for tool in plan.tools
        ]
        children += [
            self._child(
                _agent_spec(agent), Entry("agent", (agent, {name: described[name] for name in agent.delegates}))
            )
            for agent in plan.agents
        ]
        return children

    def _child(self, spec: ChildSpec, entry: Entry) -> tuple[ChildSpec, Starter]:
        return spec, partial(self._start_part, spec.name, entry)

    async def _start_part(self, name: str, entry: Entry) -> Handle:
        process = await self._forks.start(name, entry, self.access(name))
        self._processes[name] = process
        return process

    def _announce(self, name: str) -> None:
        if self._trunk is not None:
            with contextlib.suppress(MeshUnavailable):
                self._trunk.publish((Packet(_LOST, name.encode()),))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEW_EVERY)
            for name, process in self._processes.items():
                process.renew(self.access(name))
            self._on_renewal()


class BusHandle:
    """A `Handle` on the embedded bus."""

    def __init__(self, server: BusServer) -> None:
        self._server = server
        self._stopped = False

    @property
    def pid(self) -> int:
        """Process id."""
        return self._server.pid

    async def ready(self) -> None:
        """Return when it accepts connections; raises ChildFailed."""
        try:
            await self._server.open()
        except BusFailed as error:
            raise ChildFailed(str(error)) from None

    async def wait(self) -> None:
        """Return when it was stopped; raises ChildFailed when it ended by itself."""
        try:
            await self._server.wait()
        except BusFailed as error:
            if not self._stopped:
                raise ChildFailed(str(error)) from None
            return
        if not self._stopped:
            raise ChildFailed("nats-server ended")

    async def stop(self, patience: float) -> None:
        """End it."""
        del patience
        self._stopped = True
        await self._server.close()


async def _start_bus(server: BusServer) -> Handle:
    return BusHandle(server)


def _agent_spec(agent: AgentPlan) -> ChildSpec:
    words = agent.supervise
    return ChildSpec(
        agent.name,
        "agent",
        restart=Restart(words.restart),
        intensity=words.intensity,
        period=words.period,
        backoff_first=words.backoff_first,
        backoff_most=words.backoff_most,
    )
