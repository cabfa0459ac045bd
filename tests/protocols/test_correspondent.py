"""One side of the mesh without a transport: what it writes, and what it makes of odd packets."""

import asyncio
import json
import logging
import time

import pytest

from lictor.protocols.correspondent import Correspondent
from lictor.protocols.envelope import Packet
from lictor.protocols.errors import DeadlineExceeded, EnforcerLost, MalformedEnvelope, MeshUnavailable, Refused
from lictor.protocols.headers import read_headers, write_headers
from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import new_id
from lictor.protocols.mesh import Answer, Delivery, Thread
from lictor.protocols.subjects import Kind

NOWHERE = Thread()


class Line:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.packets: asyncio.Queue[Packet] = asyncio.Queue()

    async def __call__(self, packet: Packet) -> None:
        await self.packets.put(packet)


def request(side: Correspondent, timeout: float = 5.0, thread: Thread = NOWHERE) -> "asyncio.Task[Answer]":
    return asyncio.create_task(side.request(Kind.A2A, "writer", b"{}", timeout=timeout, thread=thread))


async def test_a_request_carries_its_thread_and_deadline() -> None:
    line = Line()
    side = Correspondent("triage", line)
    thread = Thread("t", "c", "p", "s", 3, "00-aa")
    waiting = request(side, thread=thread)
    packet = await line.packets.get()
    headers = read_headers(packet.headers)
    assert packet.subject == "lictor.out.triage.a2a.writer"
    assert packet.reply.startswith("_INBOX_triage.")
    assert abs(int(headers.pop("Lictor-Deadline")) / 1000 - time.time() - 5) < 1
    assert len(headers.pop("Lictor-Message")) == 32
    assert headers == {
        "Content-Type": "application/json",
        "Lictor-Task": "t",
        "Lictor-Context": "c",
        "Lictor-Parent": "p",
        "Lictor-Step": "s",
        "Lictor-Hops": "3",
        "traceparent": "00-aa",
    }
    side.take_answers([Packet("_INBOX_triage.other", b"{}"), Packet(packet.reply, b"ok"), Packet(packet.reply, b"no")])
    assert (await waiting).body == b"ok"


async def test_every_request_has_a_reply_subject_of_its_own() -> None:
    line = Line()
    one, two = Correspondent("triage", line), Correspondent("triage", line)
    tasks = [request(side) for side in (one, one, two)]
    assert len({(await line.packets.get()).reply for _ in tasks}) == 3
    for side in (one, two):
        side.fail(lambda: MeshUnavailable("gone"))
    assert {type(error) for error in await asyncio.gather(*tasks, return_exceptions=True)} == {MeshUnavailable}


@pytest.mark.parametrize("told", ["", "{}", "[]", '{"message": 1', '{"odd": "x"}'])
async def test_an_answer_that_cannot_be_read_is_an_error(told: str) -> None:
    line = Line()
    side = Correspondent("triage", line)
    waiting = request(side)
    reply = (await line.packets.get()).reply
    side.take_answers([Packet(reply, b"", b"NATS/1.0\r\nLictor-Refused: " + told.encode() + b"\r\n\r\n")])
    with pytest.raises(MalformedEnvelope, match="the answer cannot be read"):
        await waiting


async def test_a_refusal_may_be_longer_than_a_principals_header() -> None:
    line = Line()
    side = Correspondent("triage", line)
    waiting = request(side)
    reply = (await line.packets.get()).reply
    told = json.dumps({"message": "m", "layer": "route", "code": "c", "reason": "ü" * 2000})
    side.take_answers([Packet(reply, b"", write_headers({"Lictor-Refused": told}))])
    with pytest.raises(Refused) as caught:
        await waiting
    assert caught.value.refusal.reason == "ü" * 2000


@pytest.mark.parametrize(("age", "given_up"), [(-1.0, True), (60.0, False)])
async def test_a_new_enforcer_ends_what_was_sent_before_it_started(age: float, given_up: bool) -> None:
    line = Line()
    side = Correspondent("triage", line)
    waiting = request(side)
    reply = (await line.packets.get()).reply
    notice = write_headers({"Lictor-Message": new_id(time.time() - age), "Lictor-Lost": "enforcer"})
    side.take_deliveries([Packet("lictor.in.triage.event.enforcer", b"enforcer", notice)])
    side.take_answers([Packet(reply, b"ok")])
    if given_up:
        with pytest.raises(EnforcerLost):
            await waiting
    else:
        assert (await waiting).body == b"ok"


async def test_a_notice_without_a_time_ends_everything() -> None:
    side = Correspondent("triage", Line())
    waiting = request(side)
    await asyncio.sleep(0)
    side.take_deliveries([Packet("lictor.in.triage.event.enforcer", b"", b"NATS/1.0\r\nLictor-Lost: enforcer\r\n\r\n")])
    with pytest.raises(EnforcerLost):
        await waiting


@pytest.mark.parametrize(
    "packet",
    [
        Packet("lictor.in.triage", b""),
        Packet("lictor.in.triage.odd.writer", b""),
        Packet("lictor.in.triage.a2a.writer", b"", b"odd"),
        Packet("lictor.in.triage.a2a.writer", b"", b"NATS/1.0\r\nLictor-Hops: x\r\n\r\n"),
    ],
)
async def test_a_delivery_that_cannot_be_read_is_logged_and_the_next_one_handled(
    packet: Packet, caplog: pytest.LogCaptureFixture
) -> None:
    side = Correspondent("triage", Line())
    handled: asyncio.Queue[Delivery] = asyncio.Queue()
    side.serve(handled.put)
    side.take_deliveries([packet, Packet("lictor.in.triage.a2a.writer", b"next")])
    assert (await handled.get()).body == b"next"
    assert handled.empty()
    assert "cannot be read" in caplog.text


async def test_an_event_takes_no_answer() -> None:
    side = Correspondent("triage", Line())
    handled: asyncio.Queue[Delivery] = asyncio.Queue()
    side.serve(handled.put)
    side.take_deliveries([Packet("lictor.in.triage.event.writer", b"x")])
    delivery = await handled.get()
    assert (delivery.sender, delivery.kind, delivery.deadline) == ("writer", Kind.EVENT, 0)
    with pytest.raises(MalformedEnvelope, match="nobody waits"):
        await delivery.answer(b"")


async def test_deliveries_that_nobody_handles_are_held_up_to_a_number(caplog: pytest.LogCaptureFixture) -> None:
    side = Correspondent("triage", Line())
    with caplog.at_level(logging.ERROR, "lictor.mesh"):
        side.take_deliveries([Packet("lictor.in.triage.event.writer", b"x")] * 1026)
    assert caplog.text.count("nobody handles its messages") == 2
    handled: list[Delivery] = []

    async def keep(delivery: Delivery) -> None:
        handled.append(delivery)

    side.serve(keep)
    await asyncio.wait(side._tasks)
    assert len(handled) == 1024


async def test_a_line_that_is_down_is_an_error_and_nothing_waits() -> None:
    async def down(_packet: Packet) -> None:
        raise MeshUnavailable("down")

    side = Correspondent("triage", down)
    with pytest.raises(MeshUnavailable, match="down"):
        await side.request(Kind.A2A, "writer", b"{}", timeout=5)
    with pytest.raises(MeshUnavailable, match="down"):
        await anext(side.stream(Kind.A2A, "writer", b"{}", timeout=5))
    assert not side._waiting


def held(reply: str, approval: str, until: float, *, over: bool = False) -> Packet:
    notice = HeldNotice(approval, until, over=over)
    return Packet(reply, b"", write_headers({"Lictor-Message": new_id(), "Lictor-Held": notice.write()}))


async def test_a_request_waits_for_an_approval_beyond_its_own_time() -> None:
    line = Line()
    side = Correspondent("triage", line)
    heard: list[tuple[Thread, HeldNotice]] = []
    end = side.on_held(lambda thread, notice: heard.append((thread, notice)))
    thread = Thread("t", parent="p")
    waiting = request(side, timeout=0.1, thread=thread)
    reply = (await line.packets.get()).reply
    approval = new_id()
    side.take_answers([held(reply, approval, time.time() + 60)])
    await asyncio.wait({waiting}, timeout=0.3)
    assert not waiting.done()
    end()
    side.take_answers([held(reply, approval, time.time(), over=True), Packet(reply, b"ok")])
    assert (await waiting).body == b"ok"
    assert [(each, notice.over) for each, notice in heard] == [(thread, False)]


async def test_after_the_approval_there_is_what_was_left_before() -> None:
    line = Line()
    side = Correspondent("triage", line)
    waiting = request(side, timeout=0.2)
    reply = (await line.packets.get()).reply
    approval = new_id()
    side.take_answers([held(reply, approval, time.time() + 60)])
    await asyncio.wait({waiting}, timeout=0.3)
    resumed = time.monotonic()
    side.take_answers([held(reply, approval, time.time(), over=True)])
    with pytest.raises(DeadlineExceeded):
        await waiting
    assert 0.05 < time.monotonic() - resumed < 5


async def test_nobody_says_that_it_is_over() -> None:
    line = Line()
    side = Correspondent("triage", line)
    waiting = request(side, timeout=0.1)
    reply = (await line.packets.get()).reply
    side.take_answers([held(reply, new_id(), time.time() + 0.2)])
    await asyncio.wait({waiting}, timeout=0.2)
    assert not waiting.done()
    with pytest.raises(DeadlineExceeded):
        await waiting


async def test_a_stream_waits_too() -> None:
    line = Line()
    side = Correspondent("triage", line)
    parts: list[bytes] = []

    async def read() -> None:
        parts.extend([part.body async for part in side.stream(Kind.A2A, "writer", b"{}", timeout=0.1)])

    reading = asyncio.create_task(read())
    reply = (await line.packets.get()).reply
    approval = new_id()
    more = write_headers({"Lictor-Message": new_id(), "Lictor-End": "0"})
    side.take_answers([Packet(reply, b"1", more), held(reply, approval, time.time() + 60)])
    await asyncio.wait({reading}, timeout=0.3)
    assert not reading.done()
    side.take_answers([held(reply, approval, time.time(), over=True), Packet(reply, b"2")])
    await reading
    assert parts == [b"1", b"2"]


async def test_a_listener_that_fails_fails_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    line = Line()
    side = Correspondent("triage", line)

    def fail(_thread: Thread, _notice: HeldNotice) -> None:
        raise RuntimeError("odd")

    heard: list[HeldNotice] = []
    side.on_held(fail)
    side.on_held(lambda _thread, notice: heard.append(notice))
    waiting = request(side)
    reply = (await line.packets.get()).reply
    with caplog.at_level(logging.CRITICAL, "lictor.mesh"):
        side.take_answers([held(reply, new_id(), time.time() + 60)])
    side.take_answers([Packet(reply, b"ok")])
    assert (await waiting).body == b"ok"
    assert len(heard) == 1


@pytest.mark.parametrize("told", ["", "{}", '{"approval": "x", "until": 1}'])
async def test_a_notice_that_cannot_be_read_is_an_error(told: str) -> None:
    line = Line()
    side = Correspondent("triage", line)
    waiting = request(side)
    reply = (await line.packets.get()).reply
    side.take_answers([Packet(reply, b"", b"NATS/1.0\r\nLictor-Held: " + told.encode() + b"\r\n\r\n")])
    with pytest.raises(MalformedEnvelope, match="the answer cannot be read"):
        await waiting


async def test_what_is_held_up_is_lost_with_its_enforcer() -> None:
    line = Line()
    side = Correspondent("triage", line)
    waiting = request(side, timeout=0.5)
    reply = (await line.packets.get()).reply
    side.take_answers([held(reply, new_id(), time.time() + 60)])
    notice = write_headers({"Lictor-Message": new_id(time.time() + 1), "Lictor-Lost": "enforcer"})
    side.take_deliveries([Packet("lictor.in.triage.event.enforcer", b"", notice)])
    with pytest.raises(EnforcerLost):
        await waiting
