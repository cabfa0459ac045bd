"""The trunk on a real nats-server: batches, refusals, losses, fresh credentials."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MalformedEnvelope, MeshUnavailable
from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.client import AccessDenied
from lictor.protocols.nats.trunk import NatsTrunk, pause
from lictor.runtime.bus.mint import Mint
from lictor.runtime.bus.server import BusServer

pytestmark = pytest.mark.slow

OUT = "lictor.out.triage.a2a.writer"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[BusServer]:
    bus = BusServer(tmp_path)
    await bus.open()
    yield bus
    await bus.close()


@pytest.fixture
def mint(server: BusServer) -> Mint:
    return server.mint()


@asynccontextmanager
async def trunk(mint: Mint, principal: str) -> AsyncIterator[NatsTrunk]:
    made = NatsTrunk(lambda: mint.access(principal))
    await made.open()
    try:
        yield made
    finally:
        await made.close()


class Batches:
    """A handler that keeps what it is given, batch by batch."""

    def __init__(self, answer: Callable[[Packet], list[Packet]] = lambda _packet: []) -> None:
        self.batches: list[list[Packet]] = []
        self._answer = answer
        self._more = asyncio.Event()

    def __call__(self, packets: Sequence[Packet]) -> list[Packet]:
        self.batches.append(list(packets))
        self._more.set()
        return [answer for packet in packets for answer in self._answer(packet)]

    async def packets(self, count: int) -> list[Packet]:
        """Return the first `count` packets as soon as they are there."""
        async with asyncio.timeout(10):
            while sum(map(len, self.batches)) < count:
                self._more.clear()
                await self._more.wait()
        return [packet for batch in self.batches for packet in batch]


def halt(server: BusServer) -> None:
    """Stop the server's process, and return once it has stopped."""
    os.kill(server.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, server.pid, os.WSTOPPED)


async def until(condition: Callable[[], bool], *trunks: NatsTrunk) -> None:
    """Wait for a condition that changes when one of the trunks is bound or lost."""
    changed = asyncio.Event()
    for made in trunks:
        made.on_bound(changed.set)
        made.on_lost(changed.set)
    async with asyncio.timeout(10):
        while not condition():
            changed.clear()
            await changed.wait()


async def test_packets_arrive_in_batches_and_are_answered(mint: Mint) -> None:
    heard, answers = Batches(lambda packet: [Packet(packet.reply, packet.body, packet.headers)]), Batches()
    async with trunk(mint, "enforcer") as enforcer, trunk(mint, "triage") as triage:
        await enforcer.subscribe("lictor.out.>", heard)
        await triage.subscribe("_INBOX_triage.>", answers)
        headers = b"NATS/1.0\r\nLictor-Message: x\r\n\r\n"
        sent = [Packet(OUT, b"%d" % number, headers, f"_INBOX_triage.{number}") for number in range(500)]
        triage.publish(sent)
        got = await answers.packets(500)
        assert [packet.body for packet in got] == [packet.body for packet in sent]
        assert (got[0].subject, got[0].headers) == ("_INBOX_triage.0", headers)
        assert [packet for batch in heard.batches for packet in batch] == sent
        assert len(heard.batches) < 100


async def test_a_handler_that_fails_publishes_nothing_and_the_next_batch_is_handled(
    mint: Mint, caplog: pytest.LogCaptureFixture
) -> None:
    def fail_on_odd(packet: Packet) -> list[Packet]:
        if packet.body == b"odd":
            raise ValueError("odd")
        return [Packet(packet.reply, packet.body)]

    heard, answers = Batches(fail_on_odd), Batches()
    async with trunk(mint, "enforcer") as enforcer, trunk(mint, "triage") as triage:
        await enforcer.subscribe("lictor.out.>", heard)
        await triage.subscribe("_INBOX_triage.>", answers)
        with caplog.at_level(logging.ERROR, "lictor.bus"):
            triage.publish([Packet(OUT, b"odd", b"", "_INBOX_triage.1")])
            await heard.packets(1)
            triage.publish([Packet(OUT, b"even", b"", "_INBOX_triage.2")])
            assert (await answers.packets(1))[0].body == b"even"
        assert "enforcer: the handler of lictor.out.> failed; nothing of its batch passes" in caplog.text


async def test_a_packet_that_the_broker_would_not_take_is_not_written(mint: Mint) -> None:
    async with trunk(mint, "triage") as triage:
        await triage.flush()
        assert triage.largest == 2_097_152
        with pytest.raises(MalformedEnvelope, match="the broker takes 2097152"):
            triage.publish([Packet(OUT, b"x" * 2_097_153)])
        await triage.flush()
        assert triage.bound
    async with trunk(mint, "enforcer") as enforcer:
        await enforcer.flush()
        assert enforcer.largest == 8_388_608


async def test_an_answer_too_large_is_logged_and_costs_no_connection(
    mint: Mint, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Batches(lambda packet: [Packet(packet.reply, b"x" * 9_000_000)])
    async with trunk(mint, "enforcer") as enforcer, trunk(mint, "triage") as triage:
        await enforcer.subscribe("lictor.out.>", heard)
        with caplog.at_level(logging.ERROR, "lictor.bus"):
            triage.publish([Packet(OUT, b"", b"", "_INBOX_triage.1")])
            await heard.packets(1)
        await enforcer.flush()
        assert enforcer.bound
    assert "has 9000000 bytes; the broker takes 8388608" in caplog.text


@pytest.mark.parametrize(("subject", "rest"), [("_INBOX_triage.1", 2), ("lictor.record.enforcer", 0)])
async def test_what_is_too_large_takes_nobody_elses_with_it_unless_it_is_the_record(
    mint: Mint, subject: str, rest: int
) -> None:
    def answer(packet: Packet) -> list[Packet]:
        others = [Packet("_INBOX_triage.2", b""), Packet("_INBOX_triage.3", b"")]
        return [Packet(subject, b"x" * 9_000_000), *others] if packet.body else [Packet("_INBOX_triage.4", b"")]

    heard, answers = Batches(answer), Batches()
    async with trunk(mint, "enforcer") as enforcer, trunk(mint, "triage") as triage:
        await enforcer.subscribe("lictor.out.>", heard)
        await triage.subscribe("_INBOX_triage.>", answers)
        triage.publish([Packet(OUT, b"large")])
        await heard.packets(1)
        triage.publish([Packet(OUT, b"")])
        got = await answers.packets(rest + 1)
        assert [packet.subject[-1] for packet in got] == ["2", "3", "4"][2 - rest :]


async def test_a_refused_subscription_is_an_error_at_the_caller(mint: Mint, caplog: pytest.LogCaptureFixture) -> None:
    async with trunk(mint, "triage") as triage:
        with pytest.raises(AccessDenied, match=r'does not let triage subscribe to "lictor\.in\.writer\.>"'):
            await triage.subscribe("lictor.in.writer.>", Batches())
        assert triage.bound
        await triage.subscribe("lictor.in.triage.>", Batches())
    assert "triage: the broker refused: Permissions Violation for Subscription" in caplog.text


async def test_a_refused_publication_is_logged(mint: Mint, caplog: pytest.LogCaptureFixture) -> None:
    async with trunk(mint, "triage") as triage:
        triage.publish([Packet("lictor.in.writer.a2a.triage", b"forged")])
        await triage.flush()
        assert triage.bound
    assert 'the broker refused: Permissions Violation for Publish to "lictor.in.writer.a2a.triage"' in caplog.text


async def test_subscriptions_come_back_after_the_server_restarts(server: BusServer, mint: Mint) -> None:
    heard, events = Batches(), []
    async with trunk(mint, "enforcer") as enforcer, trunk(mint, "triage") as triage:
        enforcer.on_bound(lambda: events.append("bound"))
        enforcer.on_lost(lambda: events.append("lost"))
        await enforcer.subscribe("lictor.out.>", heard)
        for number in range(3):
            await server.close()
            await until(lambda: not enforcer.bound and not triage.bound, enforcer, triage)
            with pytest.raises(MeshUnavailable):
                triage.publish([Packet(OUT, b"lost")])
            with pytest.raises(MeshUnavailable):
                await triage.flush()
            await server.open()
            await enforcer.wait_bound(10)
            await triage.wait_bound(10)
            triage.publish([Packet(OUT, b"%d" % number)])
            await heard.packets(number + 1)
        assert [packet.body for batch in heard.batches for packet in batch] == [b"0", b"1", b"2"]
        assert events == ["lost", "bound"] * 3
    assert events[-1] == "lost"


async def test_a_subscription_made_while_the_bus_is_away_is_there_when_it_is_back(
    server: BusServer, mint: Mint
) -> None:
    heard = Batches()
    async with trunk(mint, "enforcer") as enforcer, trunk(mint, "triage") as triage:
        await server.close()
        await until(lambda: not enforcer.bound, enforcer)
        subscribing = asyncio.create_task(enforcer.subscribe("lictor.out.>", heard))
        await server.open()
        await subscribing
        await triage.wait_bound(10)
        triage.publish([Packet(OUT, b"x")])
        assert len(await heard.packets(1)) == 1


async def test_expired_credentials_are_replaced_by_fresh_ones(mint: Mint, caplog: pytest.LogCaptureFixture) -> None:
    given: list[BusAccess] = []

    def access() -> BusAccess:
        given.append(mint.access("enforcer", ttl=1.0 if len(given) == 1 else None))
        return given[-1]

    made = NatsTrunk(access)
    heard, lost = Batches(), asyncio.Event()
    await made.subscribe("lictor.out.>", heard)
    made.on_lost(lost.set)
    with caplog.at_level(logging.INFO, "lictor.bus"):
        await made.open()
        async with asyncio.timeout(10):
            await lost.wait()
        await made.wait_bound(10)
    assert "User Authentication Expired" in caplog.text
    async with trunk(mint, "triage") as triage:
        triage.publish([Packet(OUT, b"x")])
        await heard.packets(1)
    assert len({access.public_key for access in given}) == len(given) == 3
    await made.close()


async def test_a_callable_that_fails_is_asked_again(
    server: BusServer, mint: Mint, caplog: pytest.LogCaptureFixture
) -> None:
    failing = False

    def access() -> BusAccess:
        nonlocal failing
        if failing:
            failing = False
            raise OSError("the file is gone")
        return mint.access("triage")

    made = NatsTrunk(access)
    await made.open()
    failing = True
    await server.close()
    await server.open()
    await until(lambda: not failing and made.bound, made)
    assert "no credentials for triage: the file is gone" in caplog.text
    await made.close()


async def test_open_fails_at_once_on_credentials_that_are_not_the_bus_s(server: BusServer, tmp_path: Path) -> None:
    other = BusServer(tmp_path / "other")
    stranger = Mint(server.url, other.keys.account_id, other.keys.account)
    started = time.monotonic()
    with pytest.raises(AccessDenied, match="does not accept the credentials of triage"):
        await NatsTrunk(lambda: stranger.access("triage")).open()
    assert time.monotonic() - started < 5


async def test_open_fails_when_the_seed_is_not_the_jwt_s(server: BusServer, mint: Mint) -> None:
    one, two = mint.access("triage"), mint.access("writer")
    for seed in (two.seed, "no seed"):
        mixed = BusAccess(server.url, "triage", one.jwt, seed)
        with pytest.raises(AccessDenied):
            await NatsTrunk(lambda mixed=mixed: mixed).open()  # type: ignore[misc]


async def test_open_fails_when_there_is_no_bus(server: BusServer, mint: Mint) -> None:
    await server.close()
    made = NatsTrunk(lambda: mint.access("triage"), patience=0.3)
    with pytest.raises(MeshUnavailable, match=r"within 0\.3 s: nats://127\.0\.0\.1:\d+: .*Connect call failed"):
        await made.open()
    assert not made.bound
    await server.open()
    await made.open()
    assert made.bound
    await made.close()


async def test_the_next_address_is_tried(mint: Mint, server: BusServer) -> None:
    access = mint.access("triage")
    several = BusAccess(f"nats://127.0.0.1:1, {server.url}", "triage", access.jwt, access.seed)
    made = NatsTrunk(lambda: several)
    await made.open()
    await made.open()
    await made.close()
    await made.close()


async def test_closing_sends_what_was_written(mint: Mint) -> None:
    heard = Batches()
    async with trunk(mint, "enforcer") as enforcer:
        await enforcer.subscribe("lictor.out.>", heard)
        async with trunk(mint, "triage") as triage:
            triage.publish([Packet(OUT, b"x" * 1_000_000) for _ in range(20)])
        assert len(await heard.packets(20)) == 20


async def test_a_trunk_that_is_not_open_says_so(mint: Mint) -> None:
    made = NatsTrunk(lambda: mint.access("triage"))
    assert (made.principal, made.bound, made.largest) == ("triage", False, 0)
    with pytest.raises(MeshUnavailable, match="not connected to the bus"):
        made.publish([Packet(OUT, b"")])
    with pytest.raises(MeshUnavailable):
        await made.flush()
    with pytest.raises(MeshUnavailable, match="not open"):
        await made.wait_bound(1)


async def test_a_callback_that_fails_is_logged(mint: Mint, caplog: pytest.LogCaptureFixture) -> None:
    made = NatsTrunk(lambda: mint.access("triage"))
    called = []

    def fail() -> None:
        raise ZeroDivisionError

    made.on_bound(fail)
    made.on_bound(lambda: called.append(1))
    await made.open()
    assert called == [1]
    assert "ZeroDivisionError" in caplog.text
    await made.close()


async def test_a_server_that_stops_answering_is_noticed(server: BusServer, mint: Mint) -> None:
    async with trunk(mint, "triage") as triage:
        halt(server)
        try:
            with pytest.raises(MeshUnavailable, match=r"did not answer within 0.2 s"):
                await triage.flush(timeout=0.2)
        finally:
            os.kill(server.pid, signal.SIGCONT)
        await triage.flush()


async def test_much_that_the_server_does_not_take_stops_reading_until_it_does(server: BusServer, mint: Mint) -> None:
    heard = Batches()
    async with trunk(mint, "enforcer") as enforcer, trunk(mint, "triage") as triage:
        await enforcer.subscribe("lictor.out.>", heard)
        halt(server)
        for _ in range(30):
            triage.publish([Packet(OUT, b"x" * 1_000_000)])
        os.kill(server.pid, signal.SIGCONT)
        assert len(await heard.packets(30)) == 30
        await triage.flush()


def test_pauses_grow_to_a_limit_and_are_spread() -> None:
    assert [pause(attempt, lambda _low, high: high) for attempt in (0, 1, 5, 6, 400)] == [0.05, 0.1, 1.6, 2.0, 2.0]
    assert pause(3, lambda low, _high: low) == 0
    assert all(0 <= pause(2) <= 0.2 for _ in range(50))
