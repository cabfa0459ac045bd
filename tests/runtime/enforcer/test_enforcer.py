"""The enforcer on a trunk: what it subscribes, in which order it starts, and how it lives on a real bus."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from local_trunk import LocalTrunk
from playbook import A2A, RESULT, team

from lictor.protocols import headers as names
from lictor.protocols.envelope import Packet
from lictor.protocols.errors import EnforcerLost, NoEnforcer, Refused, TargetLost
from lictor.protocols.headers import read_headers, write_headers
from lictor.protocols.identifiers import new_id
from lictor.protocols.mesh import Answer, Delivery, Mesh, Thread
from lictor.protocols.nats.mesh import NatsMesh
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.protocols.record import unpack
from lictor.protocols.subjects import RECORD_ALL, Kind
from lictor.runtime.bus.server import BusServer
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.enforcer.enforcer import Enforcer

pytestmark = pytest.mark.slow

PRINCIPALS = ("triage", "tool-crm", "op-cli")
RECORD = "_INBOX_enforcer.record"
OUT = "lictor.out.>"
LOST = "lictor.control.lost"
CONTROL = "lictor.control.>"


class Bus(LocalTrunk):
    """A local trunk with a record that acknowledges what it is sent, until it is told to keep silent."""

    def __init__(self) -> None:
        super().__init__("enforcer")
        self.records = True
        self.returned: list[Callable[[], None]] = []

    def publish(self, packets: Sequence[Packet]) -> None:
        super().publish(packets)
        for packet in packets:
            if packet.subject.startswith("lictor.record.") and self.records:
                number = str(unpack(packet.body).sequence).encode()
                asyncio.get_running_loop().call_soon(self.deliver, RECORD, Packet(RECORD, number))

    def on_bound(self, callback: Callable[[], None]) -> None:
        self.returned.append(callback)


def request() -> Packet:
    block = write_headers({names.MESSAGE: new_id(), names.TASK: new_id()})
    return Packet("lictor.out.op-cli.a2a.triage", A2A, block, "_INBOX_op-cli.1")


async def test_the_start_is_announced_before_anything_is_heard() -> None:
    bus = Bus()
    enforcer = Enforcer(bus, build_mediation(team()), PRINCIPALS)
    await enforcer.open()
    await enforcer.open()
    assert bus.subjects == [RECORD, CONTROL, OUT]
    subjects = [packet.subject for packet in bus.published]
    assert subjects[:3] == [f"lictor.in.{name}.event.enforcer" for name in PRINCIPALS]
    assert subjects[3] == "lictor.record.enforcer"
    assert subjects[4] == "lictor.in.tool-crm.mcp.enforcer"
    bus.published.clear()
    bus.deliver(OUT, request())
    assert [packet.subject for packet in bus.published] == ["lictor.record.enforcer", "lictor.in.triage.a2a.op-cli"]
    await enforcer.close()
    await enforcer.close()
    await enforcer.wait()


async def test_without_a_record_it_opens_and_refuses() -> None:
    bus = Bus()
    bus.records = False
    enforcer = Enforcer(bus, build_mediation(team()), PRINCIPALS, patience=0.01)
    await enforcer.open()
    bus.published.clear()
    bus.deliver(OUT, request())
    (told,) = bus.published
    assert "record.unavailable" in read_headers(told.headers)[names.REFUSED]
    await enforcer.close()


async def test_the_record_is_asked_again_until_it_answers() -> None:
    bus = Bus()
    bus.records = False
    enforcer = Enforcer(bus, build_mediation(team()), (), patience=0.01)
    await enforcer.open()
    probe = bus.published[-1]
    bus.deliver(RECORD, Packet(RECORD, b"", b"NATS/1.0 503\r\n\r\n"))
    bus.records = True
    async with asyncio.timeout(10), bus._changed:
        await bus._changed.wait_for(lambda: bus.published.count(probe) >= 2)
    bus.published.clear()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    bus.deliver(OUT, request())
    assert bus.published[-1].subject == "lictor.in.triage.a2a.op-cli"
    await enforcer.close()


async def test_control_tells_who_is_lost_and_nonsense_is_ignored() -> None:
    bus = Bus()
    enforcer = Enforcer(bus, build_mediation(team()), PRINCIPALS)
    await enforcer.open()
    bus.deliver(OUT, request())
    bus.published.clear()
    for subject, body in (
        (LOST, b""),
        (LOST, b"\xff"),
        (LOST, b"*"),
        (LOST, b"writer"),
        ("lictor.control.x", b"triage"),
    ):
        bus.deliver(CONTROL, Packet(subject, body))
    assert bus.published == []
    bus.deliver(CONTROL, Packet(LOST, b"triage"))
    assert [packet.subject for packet in bus.published] == ["lictor.record.enforcer", "_INBOX_op-cli.1"]
    assert read_headers(bus.published[1].headers)[names.LOST] == "triage"
    await enforcer.close()


async def test_after_a_lost_connection_everyone_is_told() -> None:
    bus = Bus()
    enforcer = Enforcer(bus, build_mediation(team()), PRINCIPALS)
    await enforcer.open()
    bus.published.clear()
    (returned,) = bus.returned
    returned()
    assert [packet.subject for packet in bus.published] == [f"lictor.in.{name}.event.enforcer" for name in PRINCIPALS]
    await enforcer.close()


async def test_a_fault_of_the_timer_ends_the_enforcer(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Bus()
    mediation = build_mediation(team())
    enforcer = Enforcer(bus, mediation, ())
    await enforcer.open()

    def fail() -> list[Packet]:
        raise ZeroDivisionError

    monkeypatch.setattr(mediation, "tick", fail)
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(10):
            await enforcer.wait()
    await enforcer.close()


@dataclass
class Live:
    """A team on a real bus; its record is a trunk that acknowledges and remembers."""

    server: BusServer
    stack: AsyncExitStack
    outcomes: list[str] = field(default_factory=list)
    recorded: asyncio.Event = field(default_factory=asyncio.Event)

    async def trunk(self, principal: str) -> NatsTrunk:
        access = self.server.mint().access(principal)
        trunk = NatsTrunk(lambda: access)
        await trunk.open()
        self.stack.push_async_callback(trunk.close)
        return trunk

    async def recorder(self) -> NatsTrunk:
        trunk = await self.trunk("recorder")

        def store(packets: Sequence[Packet]) -> Sequence[Packet]:
            batches = [(packet.reply, unpack(packet.body)) for packet in packets]
            self.outcomes += [entry.outcome for _, batch in batches for entry in batch.entries]
            self.recorded.set()
            return [Packet(reply, str(batch.sequence).encode()) for reply, batch in batches]

        await trunk.subscribe(RECORD_ALL, store)
        return trunk

    async def until_recorded(self, count: int) -> None:
        """Return when so many outcomes are on record: the record is another connection than the answer."""
        async with asyncio.timeout(10):
            while len(self.outcomes) < count:
                self.recorded.clear()
                await self.recorded.wait()

    async def enforcer(self) -> Enforcer:
        enforcer = Enforcer(await self.trunk("enforcer"), build_mediation(team()), ("triage", "op-cli"))
        await enforcer.open()
        self.stack.push_async_callback(enforcer.close)
        return enforcer

    async def mesh(self, principal: str) -> NatsMesh:
        access = self.server.mint().access(principal)
        mesh = NatsMesh(lambda: access)
        await mesh.open()
        self.stack.push_async_callback(mesh.close)
        return mesh


@asynccontextmanager
async def live(folder: Path) -> AsyncIterator[Live]:
    async with AsyncExitStack() as stack:
        server = BusServer(folder / "bus")
        await server.open()
        stack.push_async_callback(server.close)
        yield Live(server, stack)


async def ask(mesh: Mesh, target: str = "triage") -> Answer:
    return await mesh.request(Kind.A2A, target, A2A, timeout=10.0, thread=Thread(task=new_id()))


async def echo(delivery: Delivery) -> None:
    await delivery.answer(RESULT)


async def test_a_team_on_a_real_bus(tmp_path: Path) -> None:
    async with live(tmp_path) as world:
        recorder = await world.recorder()
        operator, triage, stranger = (
            await world.mesh("op-cli"),
            await world.mesh("triage"),
            await world.mesh("ext-shop"),
        )
        with pytest.raises(NoEnforcer):
            await ask(operator)
        enforcer = await world.enforcer()
        await triage.serve(echo)
        assert (await ask(operator)).body == RESULT
        with pytest.raises(Refused, match="refused by route: ext-shop may not message writer"):
            await ask(stranger, "writer")
        with pytest.raises(TargetLost):
            await ask(operator, "writer")
        await world.until_recorded(5)
        assert world.outcomes == ["allow", "allow", "deny", "allow", "lost"]
        await recorder.close()
        await _until_refused(operator)
        await world.recorder()
        await _until_answered(operator)
        await enforcer.close()
        with pytest.raises(NoEnforcer):
            await ask(operator)


async def test_what_waits_fails_when_the_target_or_the_enforcer_goes(tmp_path: Path) -> None:
    async with live(tmp_path) as world:
        await world.recorder()
        enforcer = await world.enforcer()
        supervisor = await world.trunk("supervisor")
        operator, triage = await world.mesh("op-cli"), await world.mesh("triage")
        arrived: asyncio.Queue[str] = asyncio.Queue()

        async def hang(delivery: Delivery) -> None:
            arrived.put_nowait(delivery.id)

        await triage.serve(hang)
        for end, error in ((_lose(supervisor), TargetLost), (_replace(world, enforcer), EnforcerLost)):
            waiting = asyncio.create_task(ask(operator))
            async with asyncio.timeout(10):
                await arrived.get()
                await end
                with pytest.raises(error):
                    await waiting


async def _lose(supervisor: NatsTrunk) -> None:
    supervisor.publish([Packet(LOST, b"triage")])


async def _replace(world: Live, enforcer: Enforcer) -> None:
    await enforcer.close()
    await world.enforcer()


async def _until_refused(mesh: Mesh) -> None:
    """The first message without a recorder may still pass: its verdict is kept, and the next is refused."""
    async with asyncio.timeout(10):
        while True:
            try:
                await ask(mesh)
            except Refused as error:
                if error.refusal.code == "record.unavailable":
                    return


async def _until_answered(mesh: Mesh) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                await ask(mesh)
            except Refused:
                continue
            return
