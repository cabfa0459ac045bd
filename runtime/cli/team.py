"""A running team: the bus and every part of it under one supervisor. All wiring is here."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.protocols.subjects import CONTROL_LOST, FLOODS
from lictor.runtime.bus.mint import DAY, Mint, external_mint
from lictor.runtime.bus.server import BusFailed, BusServer
from lictor.runtime.cli.occupancy import require_free
from lictor.runtime.cli.parts.entry import Entry
from lictor.runtime.definition.outline import hide
from lictor.runtime.definition.plan import AgentPlan, Plan
from lictor.runtime.supervisor.child import ChildFailed, ChildSpec, Handle, Restart, Starter
from lictor.runtime.supervisor.decide import State
from lictor.runtime.supervisor.process import ForkServer, PartProcess
from lictor.runtime.supervisor.supervisor import Report, Supervisor

OPERATOR: Final = "op-cli"
"""The principal of the command line."""

_PRELOAD: Final = tuple(
    f"lictor.runtime.cli.parts.{part}" for part in ("recorder", "enforcer", "tool", "model", "agent")
)
_AFTERMATH: Final = 10.0
_RENEWALS: Final = 3
"""Within the life of credentials: those that a part misses are followed by fresh ones before they expire."""
_LOOK: Final = 30.0
"""Seconds between looks at the clock: it goes on while the machine sleeps, and timers do not."""

_log = logging.getLogger(__name__)

Progress = Callable[[str, str, float], None]
"""Told what was started, a few words about it, and the seconds it took."""


class Team:
    """Everything that one plan needs, as processes.

    `folder` is where the team keeps its bus, `logs` where its parts write; `bus_port` 0 means any free one.
    `ttl` is how long credentials are good for, in seconds; fresh ones are handed out long before they expire.
    `on_renewal` is called whenever credentials that were handed out are about to expire.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        *,
        logs: Path,
        bus_port: int = 0,
        ttl: float = DAY,
        on_change: Callable[[], None] = lambda: None,
        on_renewal: Callable[[], None] = lambda: None,
    ) -> None:
        self.plan = plan
        self._on_renewal = on_renewal
        self._ttl = ttl
        self._bus = BusServer(folder / "bus", port=bus_port, ttl=ttl) if plan.nats == "embedded" else None
        self._mint: Mint | None = None
        self._forks = ForkServer(_PRELOAD, logs)
        self._processes: dict[str, PartProcess[BusAccess]] = {}
        self._given: dict[str, list[str]] = {}
        self._cut_at: dict[str, float] = {}
        self._cutting: set[asyncio.Task[None]] = set()
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

    def ended(self) -> ChildFailed:
        """Return why the team cannot go on, once a significant part was given up."""
        failed = (part for part in self.report() if part.state is State.FAILED)
        return ChildFailed("the team cannot go on: " + "; ".join(f"{part.name}: {part.reason}" for part in failed))

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
        await asyncio.gather(*self._cutting, return_exceptions=True)
        await self.supervisor.stop()
        if self._trunk is not None:
            with contextlib.suppress(MeshUnavailable):
                await self._trunk.close()
            self._trunk = None

    async def _open(self, progress: Progress) -> None:
        names = {report.name: report.kind for report in self.report()}
        started = time.monotonic()
        if self._bus is None:
            self._mint = external_mint(self.plan.nats, self.plan.nats_credentials or Path(), ttl=self._ttl)
        else:
            self.supervisor.begin(["bus"])
            await self.supervisor.ready(["bus"])
            self._mint = self._bus.mint()
        trunk = NatsTrunk(partial(self.access, "supervisor"))
        await trunk.subscribe(FLOODS, self._take_floods)
        await trunk.open()
        self._trunk = trunk
        if self._bus is None:
            await require_free(trunk, self.url)
        progress("bus", f"{'embedded' if self._bus else 'external'} {self.url}", time.monotonic() - started)
        for kinds, what, words in (
            (("recorder",), "record", hide(self.plan.store).rpartition("@")[2]),
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
        access = self.access(name)
        process = await self._forks.start(name, entry, access)
        self._processes[name], self._given[name] = process, [access.public_key]
        return process

    def _announce(self, name: str) -> None:
        if self._trunk is not None:
            with contextlib.suppress(MeshUnavailable):
                self._trunk.publish((Packet(CONTROL_LOST, name.encode()),))

    def _take_floods(self, packets: Sequence[Packet]) -> Sequence[Packet]:
        for packet in packets:
            name = packet.body.decode(errors="replace")
            # For a while what is read is still what the one before sent: its successor is not to be ended for it.
            if name in self._processes and time.monotonic() - self._cut_at.get(name, -_AFTERMATH) >= _AFTERMATH:
                self._cut_at[name] = time.monotonic()
                cutting = asyncio.create_task(self._cut(name), name=f"cutting off {name}")
                self._cutting.add(cutting)
                cutting.add_done_callback(self._cutting.discard)
        return ()

    async def _cut(self, name: str) -> None:
        """End a part that floods the bus, and what bears its credentials: no enforcer can read that fast."""
        process, given = self._processes.pop(name), self._given.pop(name)
        process.fail(f"{name} flooded the bus")
        if self._bus is not None:
            for user in given:
                with contextlib.suppress(MeshUnavailable):
                    await self._bus.revoker.revoke(user)

    async def _renew(self) -> None:
        every = self._ttl / _RENEWALS
        due = time.time() + every
        while True:
            await asyncio.sleep(min(_LOOK, every))
            if time.time() < due:
                continue
            due = time.time() + every
            for name, process in self._processes.items():
                access = self.access(name)
                self._given[name] = [*self._given[name][-_RENEWALS:], access.public_key]  # older ones have expired
                process.renew(access)
            try:
                self._on_renewal()
            except Exception:
                _log.exception("fresh credentials could not be passed on")  # the next renewal comes all the same


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
