"""A team of four on a bus, judged by the real layers and the real bundle; one world in memory, one on a real server."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from lictor.guardrails.admit import Admit, AdmitLimits
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.identify import Identify
from lictor.guardrails.layer import Layer
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.route import Route
from lictor.protocols.envelope import Packet
from lictor.protocols.identifiers import new_id
from lictor.protocols.in_memory.mesh import InMemoryBus
from lictor.protocols.mesh import Delivery, Mesh, Thread
from lictor.protocols.nats.mesh import NatsMesh
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.protocols.record import MessageEntry, unpack
from lictor.protocols.subjects import RECORD_ALL
from lictor.runtime.bus.mint import Mint
from lictor.runtime.bus.server import BusServer
from lictor.runtime.enforcer.enforcer import Enforcer
from lictor.runtime.enforcer.mediation import Mediation

ASK: Final = b'{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{}}'
ANSWER: Final = b'{"jsonrpc":"2.0","id":1,"result":{}}'
PRINCIPALS: Final = ("op-cli", "triage", "writer", "mallory", "tool-crm")


def _place(line: int) -> dict[str, Any]:
    return {"file": "desk.yaml", "line": line}


TEAM: Final[dict[str, Any]] = {
    "principals": {name: {"role": "agent", **_place(1)} for name in PRINCIPALS},
    "edges": {
        "op-cli": {name: {"kind": "a2a", **_place(1)} for name in ("triage", "writer", "mallory")},
        "triage": {"writer": {"kind": "a2a", **_place(4)}},
        "writer": {"tool-crm": {"kind": "mcp", **_place(9)}},
    },
    "agents": {
        "triage": {"delegates": ["writer"], "delegates_line": 4, **_place(2)},
        "writer": {"delegates": [], "delegates_line": 0, **_place(8)},
        "mallory": {"delegates": [], "delegates_line": 0, **_place(12)},
    },
    "permits": {},
    "exposed": ["triage"],
}


def task() -> Thread:
    """Return the thread of a new task."""
    return Thread(task=new_id())


def ask_of(size: int) -> bytes:
    """Return an A2A request of so many bytes."""
    frame = len(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {"x": ""}}))
    return json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {"x": "y" * (size - frame)}}
    ).encode()


async def echo(delivery: Delivery) -> None:
    """Answer with the body that came."""
    await delivery.answer(delivery.body)


def build_core(rate: int = 100_000) -> Mediation:
    """Return the enforcer's core with the layers of a real one."""
    bundle = load_bundle(TEAM)
    engine = EmbeddedRego(bundle)
    ledger = TaskLedger()
    layers: list[Layer] = [
        Identify(ledger),
        Admit(ledger, AdmitLimits(rate=rate)),
        Route(PolicySlot(engine, Question(ToolCatalog(), ledger))),
    ]
    return Mediation("enforcer", layers, ledger, revision=lambda: bundle.revision)


class Record:
    """Keeps what was judged, and tells whoever waits for an entry."""

    def __init__(self) -> None:
        self.entries: list[MessageEntry] = []
        self._grown = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, body: bytes) -> int:
        """Keep the entries of a batch; return its number."""
        batch = unpack(body)
        self.entries.extend(batch.entries)
        note = asyncio.get_running_loop().create_task(self._note())
        self._tasks.add(note)
        note.add_done_callback(self._tasks.discard)
        return batch.sequence

    async def _note(self) -> None:
        async with self._grown:
            self._grown.notify_all()

    async def find(self, timeout: float = 5.0, **fields: object) -> MessageEntry:
        """Return the first entry with these fields, as soon as there is one."""

        def found() -> MessageEntry | None:
            return next((e for e in self.entries if all(getattr(e, k) == v for k, v in fields.items())), None)

        async with asyncio.timeout(timeout), self._grown:
            await self._grown.wait_for(lambda: found() is not None)
        entry = found()
        assert entry is not None
        return entry


class World(Protocol):
    """What the suite needs of an implementation."""

    record: Record

    async def mesh(self, principal: str) -> Mesh: ...
    async def inject(self, principal: str, packet: Packet) -> None: ...
    async def lose(self, principal: str) -> None: ...
    async def stop_enforcer(self) -> None: ...
    async def start_enforcer(self) -> None: ...
    async def close(self) -> None: ...


class InMemoryWorld:
    """The team on an `InMemoryBus`."""

    def __init__(self) -> None:
        self.core = build_core()
        self.record = Record()
        self.bus = InMemoryBus(self.core, record=self._take)
        self._meshes: list[Mesh] = []

    def _take(self, body: bytes) -> None:
        stored = self.record.take(body)
        self.bus.publish(self.core.acknowledge([Packet(self.core.record_reply, b"%d" % stored)]))

    async def mesh(self, principal: str) -> Mesh:
        mesh = self.bus.mesh(principal)
        await mesh.open()
        self._meshes.append(mesh)
        return mesh

    async def inject(self, principal: str, packet: Packet) -> None:
        assert packet.subject.startswith(f"lictor.out.{principal}.")
        self.bus.publish((packet,))

    async def lose(self, principal: str) -> None:
        self.bus.publish(self.core.lose(principal))

    async def stop_enforcer(self) -> None:
        self.bus.mediator = None

    async def start_enforcer(self) -> None:
        self.bus.mediator = self.core = build_core()
        self.bus.publish(self.core.announce(PRINCIPALS))

    async def close(self) -> None:
        for mesh in self._meshes:
            await mesh.close()


class NatsWorld:
    """The team on a real nats-server with a real enforcer; the record is kept here."""

    def __init__(self, folder: Path) -> None:
        self.server = BusServer(folder)
        self.record = Record()
        self.mint: Mint
        self.enforcer: Enforcer
        self._closing: list[Any] = []

    async def open(self) -> None:
        await self.server.open()
        self.mint = self.server.mint()
        recorder = await self.trunk("recorder")
        await recorder.subscribe(RECORD_ALL, self._take)
        await self.start_enforcer()

    def _take(self, packets: Sequence[Packet]) -> list[Packet]:
        return [Packet(packet.reply, b"%d" % self.record.take(packet.body)) for packet in packets]

    async def mesh(self, principal: str) -> NatsMesh:
        mesh = NatsMesh(lambda: self.mint.access(principal))
        await mesh.open()
        self._closing.append(mesh)
        return mesh

    async def trunk(self, principal: str) -> NatsTrunk:
        trunk = NatsTrunk(lambda: self.mint.access(principal))
        await trunk.open()
        self._closing.append(trunk)
        return trunk

    async def inject(self, principal: str, packet: Packet) -> None:
        (await self.trunk(principal)).publish((packet,))

    async def lose(self, principal: str) -> None:
        (await self.trunk("supervisor")).publish((Packet("lictor.control.lost", principal.encode()),))

    async def stop_enforcer(self) -> None:
        await self.enforcer.close()

    async def start_enforcer(self) -> None:
        self.enforcer = Enforcer(NatsTrunk(lambda: self.mint.access("enforcer")), build_core(), PRINCIPALS[:-1])
        await self.enforcer.open()

    async def close(self) -> None:
        await self.enforcer.close()
        for each in reversed(self._closing):
            await each.close()
        await self.server.close()
