"""What only the mesh in memory has; what both meshes share is in conformance/."""

import asyncio

import pytest

from lictor.protocols.envelope import Limits, Packet
from lictor.protocols.errors import DeadlineExceeded, InvalidName, MalformedEnvelope, MeshUnavailable, NoEnforcer
from lictor.protocols.in_memory.mesh import InMemoryBus
from lictor.protocols.mesh import Delivery
from lictor.protocols.subjects import Kind


class LetThrough:
    """A mediator that passes what it is sent, and fails on a body that says so."""

    def __init__(self) -> None:
        self.received: list[Packet] = []

    def receive(self, packet: Packet) -> list[Packet]:
        self.received.append(packet)
        if packet.body == b"fail":
            raise ValueError("odd")
        words = packet.subject.split(".")
        if words[3] == "reply":
            return [Packet(f"_INBOX_{words[5]}", packet.body, packet.headers)]
        token = packet.reply.removeprefix("_INBOX_")
        delivery = Packet(f"lictor.in.{words[4]}.{words[3]}.{words[2]}", packet.body, packet.headers)
        return [Packet("lictor.record.x", b"judged"), Packet(*_with_reply(delivery, words[4], token))]


def _with_reply(packet: Packet, target: str, token: str) -> tuple[str, bytes, bytes, str]:
    return packet.subject, packet.body, packet.headers, f"lictor.out.{target}.reply.x.{token}"


async def test_the_record_is_handed_over_before_the_delivery() -> None:
    order: list[str] = []
    bus = InMemoryBus(LetThrough(), record=lambda body: order.append(body.decode()))
    triage, writer, arrived = bus.mesh("triage"), bus.mesh("writer"), asyncio.Event()
    await triage.open()
    await writer.open()

    async def note(delivery: Delivery) -> None:
        order.append(delivery.body.decode())
        arrived.set()

    await writer.serve(note)
    await triage.send("writer", b"event")
    async with asyncio.timeout(5):
        await arrived.wait()
    assert order == ["judged", "event"]
    await writer.close()


async def test_a_name_is_on_the_bus_once() -> None:
    bus = InMemoryBus(LetThrough())
    first, second = bus.mesh("triage"), bus.mesh("triage")
    await first.open()
    with pytest.raises(MeshUnavailable, match="triage is connected already"):
        await second.open()
    await second.close()
    assert first.bound
    await first.close()
    await second.open()
    assert second.bound


async def test_a_mesh_has_a_principals_name() -> None:
    bus = InMemoryBus(None)
    with pytest.raises(InvalidName):
        bus.mesh("a.b")
    mesh = bus.mesh("triage", limits=Limits(body=3))
    await mesh.open()
    with pytest.raises(MalformedEnvelope, match="the limit is 3"):
        await mesh.send("writer", b"four")
    with pytest.raises(NoEnforcer):
        await mesh.request(Kind.A2A, "writer", b"{}", timeout=5)


async def test_a_mediator_that_fails_lets_nothing_pass_and_the_next_message_is_judged() -> None:
    mediator = LetThrough()
    bus = InMemoryBus(mediator)
    raised: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: raised.put_nowait(context))
    triage = bus.mesh("triage")
    await triage.open()
    failing = asyncio.create_task(triage.request(Kind.A2A, "writer", b"fail", timeout=0.2))
    await triage.send("writer", b"after")
    assert isinstance((await raised.get())["exception"], ValueError)
    with pytest.raises(DeadlineExceeded):
        await failing
    assert sorted(packet.body for packet in mediator.received if packet.body) == [b"after", b"fail"]


async def test_what_goes_nowhere_is_dropped() -> None:
    bus = InMemoryBus(LetThrough())
    bus.publish([Packet("lictor.in.nobody.event.x", b""), Packet("_INBOX_nobody.1", b""), Packet("other", b"")])
    bus.publish([Packet("lictor.record.x", b"")])
    mesh = bus.mesh("triage")
    await mesh.open()
    await mesh.close()
