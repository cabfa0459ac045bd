"""The mesh's contract, in memory and on a real nats-server, with the real layers between the principals."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mesh_world import ANSWER, ASK, InMemoryWorld, NatsWorld, World, ask_of, echo, task

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import (
    DeadlineExceeded,
    EnforcerLost,
    InvalidName,
    MalformedEnvelope,
    MeshUnavailable,
    NoEnforcer,
    ProtocolError,
    Refused,
    TargetLost,
)
from lictor.protocols.identifiers import new_id
from lictor.protocols.mesh import Delivery, Mesh, Thread
from lictor.protocols.subjects import Kind


@pytest.fixture(params=["in_memory", "nats"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    if request.param == "in_memory":
        in_memory = InMemoryWorld()
        yield in_memory
        await in_memory.close()
        return
    nats = NatsWorld(tmp_path)
    await nats.open()
    yield nats
    await nats.close()


async def ask(mesh: Mesh, target: str = "triage", body: bytes = ASK, timeout: float = 5.0) -> bytes:
    return (await mesh.request(Kind.A2A, target, body, timeout=timeout, thread=task())).body


class Silent:
    """A handler that keeps what it is given and does not answer."""

    def __init__(self) -> None:
        self.deliveries: asyncio.Queue[Delivery] = asyncio.Queue()

    async def __call__(self, delivery: Delivery) -> None:
        await self.deliveries.put(delivery)

    async def next(self) -> Delivery:
        async with asyncio.timeout(5):
            return await self.deliveries.get()


async def test_a_request_is_delivered_and_answered(world: World) -> None:
    caller, triage, silent, thread = await world.mesh("op-cli"), await world.mesh("triage"), Silent(), task()
    await triage.serve(silent)
    identifier = new_id()
    before = time.time()
    waiting = asyncio.create_task(
        caller.request(Kind.A2A, "triage", ASK, timeout=5, thread=thread, identifier=identifier)
    )
    delivery = await silent.next()
    assert (delivery.id, delivery.sender, delivery.kind, delivery.body) == (identifier, "op-cli", Kind.A2A, ASK)
    assert delivery.thread == Thread(task=thread.task, parent=identifier, hops=2)
    assert before + 4.9 < delivery.deadline < time.time() + 5
    await delivery.answer(ANSWER, content_type="application/json; a=b")
    answer = await waiting
    assert (answer.body, answer.end, answer.content_type) == (ANSWER, True, "application/json; a=b")
    await world.record.find(id=answer.id)
    assert [entry.outcome for entry in world.record.entries] == ["allow", "allow"]
    assert world.record.entries[1].id == answer.id


async def test_a_delegate_answers_through_who_delegated(world: World) -> None:
    caller, triage, writer = await world.mesh("op-cli"), await world.mesh("triage"), await world.mesh("writer")

    async def delegate(delivery: Delivery) -> None:
        answer = await triage.request(Kind.A2A, "writer", delivery.body, timeout=5, thread=delivery.thread)
        await delivery.answer(answer.body)

    await triage.serve(delegate)
    await writer.serve(echo)
    assert await ask(caller) == ASK
    to_writer = await world.record.find(sender="triage", target="writer")
    assert to_writer.hops == 2
    assert to_writer.parent == world.record.entries[0].id


async def test_a_stream_arrives_in_order_and_ends(world: World) -> None:
    caller, triage = await world.mesh("op-cli"), await world.mesh("triage")

    async def count(delivery: Delivery) -> None:
        for number in range(50):
            await delivery.answer(b'{"n":%d}' % number, end=number == 49)

    await triage.serve(count)
    parts = [part async for part in caller.stream(Kind.A2A, "triage", ASK, timeout=5, thread=task())]
    assert [part.body for part in parts] == [b'{"n":%d}' % number for number in range(50)]
    assert [part.end for part in parts] == [False] * 49 + [True]


async def test_a_request_passes_over_parts_before_the_last(world: World) -> None:
    caller, triage = await world.mesh("op-cli"), await world.mesh("triage")

    async def twice(delivery: Delivery) -> None:
        await delivery.answer(b'{"n":1}', end=False)
        await delivery.answer(b'{"n":2}')

    await triage.serve(twice)
    assert await ask(caller) == b'{"n":2}'


async def test_a_stream_that_is_left_early_disturbs_nothing(world: World) -> None:
    caller, triage = await world.mesh("op-cli"), await world.mesh("triage")
    left, done = asyncio.Event(), asyncio.Event()

    async def parts(delivery: Delivery) -> None:
        await delivery.answer(b'{"n":1}', end=False)
        await left.wait()
        await delivery.answer(b'{"n":2}')
        done.set()

    await triage.serve(parts)
    stream = caller.stream(Kind.A2A, "triage", ASK, timeout=5, thread=task())
    assert (await anext(stream)).body == b'{"n":1}'
    await stream.aclose()  # type: ignore[attr-defined]
    left.set()
    async with asyncio.timeout(5):
        await done.wait()
    await world.record.find(sender="triage", body=b'{"n":2}')


async def test_a_stream_is_refused_and_has_a_deadline_as_a_request_has(world: World) -> None:
    mallory, caller, triage = await world.mesh("mallory"), await world.mesh("op-cli"), await world.mesh("triage")
    await triage.serve(Silent())
    with pytest.raises(Refused):
        await anext(mallory.stream(Kind.A2A, "writer", ASK, timeout=5, thread=task()))
    with pytest.raises(DeadlineExceeded):
        await anext(caller.stream(Kind.A2A, "triage", ASK, timeout=0.2, thread=task()))


async def test_an_event_that_policy_does_not_let_pass_is_recorded_and_nothing_else(world: World) -> None:
    triage, writer, silent = await world.mesh("triage"), await world.mesh("writer"), Silent()
    await writer.serve(silent)
    await triage.send("writer", b"anything")
    entry = await world.record.find(sender="triage", kind="event")
    assert (entry.outcome, entry.body) == ("deny", b"anything")
    assert silent.deliveries.empty()


async def test_a_refusal_says_who_decided_why_and_where(world: World) -> None:
    caller, triage, heard = await world.mesh("op-cli"), await world.mesh("triage"), []
    identifier = new_id()

    async def try_it(delivery: Delivery) -> None:
        try:
            await triage.request(Kind.A2A, "mallory", ASK, timeout=5, thread=delivery.thread, identifier=identifier)
        except Refused as refused:
            heard.append(refused)
        await delivery.answer(ANSWER)

    await triage.serve(try_it)
    await ask(caller)
    refusal = heard[0].refusal
    assert (refusal.layer, refusal.code, refusal.outcome) == ("route", "route.no_edge", "deny")
    assert "triage may delegate to writer only" in refusal.reason
    assert (refusal.file, refusal.line, refusal.message) == ("desk.yaml", 4, identifier)
    assert refusal.rule == "data.lictor.rules.route.edge.deny"
    assert str(heard[0]) == f"refused by route: {refusal.reason} (desk.yaml:4)"


async def test_an_answer_can_be_refused_and_the_caller_hears_it(world: World) -> None:
    caller, triage = await world.mesh("op-cli"), await world.mesh("triage")

    async def prose(delivery: Delivery) -> None:
        await delivery.answer(b"no JSON")

    await triage.serve(prose)
    with pytest.raises(Refused) as caught:
        await ask(caller)
    assert caught.value.refusal.code == "identify.malformed"


async def test_a_reply_subject_in_anothers_inbox_is_refused(world: World) -> None:
    writer, caller, heard = await world.mesh("writer"), await world.mesh("op-cli"), Silent()
    await writer.serve(heard)
    headers = f"NATS/1.0\r\nLictor-Message: {new_id()}\r\nLictor-Task: {new_id()}\r\n\r\n".encode()
    await world.inject("op-cli", Packet("lictor.out.op-cli.a2a.triage", ASK, headers, "_INBOX_writer.x"))
    entry = await world.record.find(sender="op-cli", outcome="deny")
    assert entry.verdicts[0].reason == "its reply subject lies outside its sender's own inbox"
    assert heard.deliveries.empty()
    assert caller.bound


async def test_an_answer_to_what_was_asked_of_another_is_refused(world: World) -> None:
    caller, triage, silent = await world.mesh("op-cli"), await world.mesh("triage"), Silent()
    await triage.serve(silent)
    waiting = asyncio.create_task(ask(caller))
    delivery = await silent.next()
    token = delivery._reply.rsplit(".", 1)[1]  # type: ignore[attr-defined]
    headers = f"NATS/1.0\r\nLictor-Message: {new_id()}\r\n\r\n".encode()
    await world.inject("mallory", Packet(f"lictor.out.mallory.reply.enforcer.{token}", b'{"a":"forged"}', headers))
    await world.record.find(sender="mallory", outcome="deny")
    await delivery.answer(ANSWER)
    assert await waiting == ANSWER


async def test_what_a_principal_claims_is_not_passed_on(world: World) -> None:
    triage, silent = await world.mesh("triage"), Silent()
    await triage.serve(silent)
    claims = "Lictor-Labels: public\r\nLictor-Verdict: allow\r\nLictor-Lost: enforcer\r\nX-Other: 1"
    headers = f"NATS/1.0\r\nLictor-Message: {new_id()}\r\nLictor-Task: {new_id()}\r\n{claims}\r\n\r\n".encode()
    await world.inject("op-cli", Packet("lictor.out.op-cli.a2a.triage", ASK, headers))
    delivery = await silent.next()
    assert delivery.labels == ""


async def test_without_an_enforcer_a_request_fails_at_once(world: World) -> None:
    caller, triage = await world.mesh("op-cli"), await world.mesh("triage")
    await triage.serve(echo)
    assert await ask(caller) == ASK
    await world.stop_enforcer()
    started = time.monotonic()
    with pytest.raises(NoEnforcer, match="nothing passes"):
        await ask(caller, timeout=30)
    assert time.monotonic() - started < 2
    await world.start_enforcer()
    assert await ask(caller) == ASK


async def test_what_waits_fails_when_a_new_enforcer_says_so(world: World) -> None:
    caller, triage, silent = await world.mesh("op-cli"), await world.mesh("triage"), Silent()
    await triage.serve(silent)
    waiting = asyncio.create_task(ask(caller, timeout=30))
    await silent.next()
    await world.stop_enforcer()
    await world.start_enforcer()
    with pytest.raises(EnforcerLost):
        await waiting


async def test_an_absent_target_is_told_at_once(world: World) -> None:
    caller = await world.mesh("op-cli")
    started = time.monotonic()
    with pytest.raises(TargetLost, match="triage"):
        await ask(caller, timeout=30)
    assert time.monotonic() - started < 2
    assert (await world.record.find(outcome="lost")).sender == "triage"


async def test_a_target_that_goes_away_is_told(world: World) -> None:
    caller, triage, silent = await world.mesh("op-cli"), await world.mesh("triage"), Silent()
    await triage.serve(silent)
    waiting = asyncio.create_task(ask(caller, timeout=30))
    await silent.next()
    await triage.close()
    await world.lose("triage")
    with pytest.raises(TargetLost):
        await waiting


async def test_a_deadline_ends_the_wait_and_a_late_answer_is_passed_over(world: World) -> None:
    caller, triage, silent = await world.mesh("op-cli"), await world.mesh("triage"), Silent()
    await triage.serve(silent)
    with pytest.raises(DeadlineExceeded, match=r"triage did not answer within 0\.2 s"):
        await ask(caller, timeout=0.2)
    late = await silent.next()
    await late.answer(ANSWER)
    waiting = asyncio.create_task(ask(caller))
    await (await silent.next()).answer(b'{"n":2}')
    assert await waiting == b'{"n":2}'


async def test_concurrent_requests_get_their_own_answers(world: World) -> None:
    caller, triage = await world.mesh("op-cli"), await world.mesh("triage")
    await triage.serve(echo)
    bodies = [ASK.replace(b'"id":1', b'"id":%d' % number) for number in range(300)]
    assert await asyncio.gather(*[ask(caller, body=body) for body in bodies]) == bodies


async def test_deliveries_are_handled_side_by_side(world: World) -> None:
    caller, triage, both = await world.mesh("op-cli"), await world.mesh("triage"), asyncio.Barrier(2)

    async def meet(delivery: Delivery) -> None:
        await both.wait()
        await delivery.answer(ANSWER)

    await triage.serve(meet)
    assert await asyncio.gather(*[ask(caller) for _ in range(2)]) == [ANSWER, ANSWER]


async def test_large_bodies_arrive_whole(world: World) -> None:
    caller, triage = await world.mesh("op-cli"), await world.mesh("triage")
    await triage.serve(echo)
    body = ask_of(1_048_576)
    assert len(body) == 1_048_576
    answers = await asyncio.gather(*[ask(caller, body=body, timeout=20) for _ in range(4)])
    assert all(answer == body for answer in answers)


async def test_a_body_over_the_limit_is_not_sent(world: World) -> None:
    caller, triage, silent = await world.mesh("op-cli"), await world.mesh("triage"), Silent()
    await triage.serve(silent)
    with pytest.raises(MalformedEnvelope, match="the body has 10485760 bytes; the limit is 1048576"):
        await ask(caller, body=b"x" * 10_485_760)
    waiting = asyncio.create_task(ask(caller))
    delivery = await silent.next()
    with pytest.raises(MalformedEnvelope, match="the limit is"):
        await delivery.answer(b"x" * 1_048_577)
    await delivery.answer(ANSWER)
    assert await waiting == ANSWER


async def test_what_breaks_the_grammar_is_not_sent(world: World) -> None:
    caller = await world.mesh("op-cli")
    with pytest.raises(InvalidName):
        await ask(caller, target="triage.>")
    with pytest.raises(MalformedEnvelope):
        await caller.request(Kind.A2A, "triage", ASK, timeout=5, thread=Thread(task="a\r\nLictor-Verdict: allow"))
    assert not world.record.entries


async def test_an_answer_is_given_once(world: World) -> None:
    caller, triage, silent = await world.mesh("op-cli"), await world.mesh("triage"), Silent()
    await triage.serve(silent)
    waiting = asyncio.create_task(ask(caller))
    delivery = await silent.next()
    await delivery.answer(ANSWER)
    with pytest.raises(MalformedEnvelope, match="was given already"):
        await delivery.answer(ANSWER)
    assert await waiting == ANSWER


async def test_a_handler_that_fails_is_logged_and_the_next_delivery_handled(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caller, triage, failed = await world.mesh("op-cli"), await world.mesh("triage"), asyncio.Event()

    async def fail_once(delivery: Delivery) -> None:
        if not failed.is_set():
            failed.set()
            raise ValueError("odd")
        await delivery.answer(ANSWER)

    await triage.serve(fail_once)
    with caplog.at_level(logging.ERROR, "lictor.mesh"):
        with pytest.raises(DeadlineExceeded):
            await ask(caller, timeout=0.3)
        assert await ask(caller) == ANSWER
    assert "triage: its handler failed on a message of op-cli" in caplog.text
    assert "ValueError: odd" in caplog.text


async def test_deliveries_wait_for_a_handler(world: World) -> None:
    caller, triage = await world.mesh("op-cli"), await world.mesh("triage")
    waiting = asyncio.create_task(ask(caller))
    await world.record.find(sender="op-cli", outcome="allow")
    await triage.serve(echo)
    assert await waiting == ASK


async def test_there_is_one_handler(world: World) -> None:
    triage = await world.mesh("triage")
    await triage.serve(echo)
    with pytest.raises(ProtocolError, match="already has a handler"):
        await triage.serve(echo)


async def test_open_and_close_may_be_called_twice(world: World) -> None:
    caller, triage, silent = await world.mesh("op-cli"), await world.mesh("triage"), Silent()
    await triage.serve(silent)
    await caller.open()
    assert caller.bound
    assert caller.principal == "op-cli"
    waiting = asyncio.create_task(ask(caller, timeout=30))
    await silent.next()
    await caller.close()
    with pytest.raises(MeshUnavailable, match="closed before the answer came"):
        await waiting
    await caller.close()
    assert not caller.bound
    with pytest.raises(MeshUnavailable, match="not open"):
        await ask(caller)
    with pytest.raises(MeshUnavailable, match="not open"):
        await caller.send("triage", b"x")
    await caller.open()
    waiting = asyncio.create_task(ask(caller))
    await (await silent.next()).answer(ANSWER)
    assert await waiting == ANSWER


async def test_closing_ends_the_handlers_that_run(world: World) -> None:
    caller, triage = await world.mesh("op-cli"), await world.mesh("triage")
    began, ended = asyncio.Event(), asyncio.Event()

    async def endless(_delivery: Delivery) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    await triage.serve(endless)
    waiting = asyncio.create_task(ask(caller, timeout=30))
    await began.wait()
    await triage.close()
    assert ended.is_set()
    waiting.cancel()


async def test_a_handler_may_close_its_own_mesh(world: World) -> None:
    caller, triage, closed = await world.mesh("op-cli"), await world.mesh("triage"), asyncio.Event()

    async def leave(delivery: Delivery) -> None:
        await delivery.answer(ANSWER)
        await triage.close()
        closed.set()

    await triage.serve(leave)
    assert await ask(caller) == ANSWER
    async with asyncio.timeout(5):
        await closed.wait()
