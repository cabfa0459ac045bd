"""One connection: that the client library still has what the hot path leans on, and how a connection ends."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from nats.aio.client import Client

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.client import AccessDenied, WireClient
from lictor.protocols.nats.jwt import USER, create_seed
from lictor.protocols.nats.wire import Messages

INFO = b'INFO {"max_payload":1000,"headers":true,"auth_required":true,"nonce":"abc"}\r\n'


def access() -> BusAccess:
    return BusAccess("", "triage", "a.e30.c", create_seed(USER))


class Script:
    """A server of few words: greets, takes the handshake, then says what it is given."""

    def __init__(self, *, greeting: bytes = INFO, verdict: bytes = b"PONG\r\n") -> None:
        self._greeting = greeting
        self._verdict = verdict
        self.connected = asyncio.Event()
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.writer: asyncio.StreamWriter

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        try:
            writer.write(self._greeting)
            while (line := await reader.readline()) and not line.startswith(b"PING"):
                pass
            writer.write(self._verdict)
            self.connected.set()
            while line := await reader.readline():
                await self.heard.put(line)
        except OSError:
            pass
        finally:
            writer.close()

    def say(self, raw: bytes) -> None:
        self.writer.write(raw)

    async def next(self) -> bytes:
        async with asyncio.timeout(5):
            return await self.heard.get()


@asynccontextmanager
async def scripted(script: Script, received: list[Messages] | None = None) -> AsyncIterator[WireClient]:
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    client = WireClient(access(), (received if received is not None else []).append)
    try:
        await client.start(f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        yield client
    finally:
        await client.stop()
        await client.stop()
        server.close()
        await server.wait_closed()


async def lost(client: WireClient) -> str:
    async with asyncio.timeout(5):
        await client.lost.wait()
    return client.reason


def test_the_library_has_the_names_that_are_used() -> None:
    made = vars(Client())
    names = "_max_payload _pongs _pings_outstanding _transport _server_pool _current_server _flush_queue"
    for name in names.split():
        assert name in made, name
    for name in ("_close", "_read_loop", "_select_next_server", "_process_connect_init"):
        assert inspect.iscoroutinefunction(getattr(Client, name)), name
    assert list(inspect.signature(Client._close).parameters) == ["self", "status", "do_cbs"]
    source = inspect.getsource(Client._process_connect_init)
    assert "self._read_loop()" in source
    assert "self._select_next_server()" in inspect.getsource(Client.connect)


async def test_messages_of_one_read_come_at_once() -> None:
    received: list[Messages] = []
    script = Script(verdict=b"PONG\r\nMSG a 1 1\r\nx\r\nMSG b 2 1\r\ny\r\nMSG a 1 1\r\nz\r\n")
    async with scripted(script, received) as client:
        script.say(b"PING\r\n")
        assert await script.next() == b"PONG\r\n"
        assert received == [{1: [Packet("a", b"x"), Packet("a", b"z")], 2: [Packet("b", b"y")]}]
        client.send([Packet("s", b"1"), Packet("s", b"2")])
        assert [await script.next() for _ in range(4)] == [b"PUB s  1\r\n", b"1\r\n", b"PUB s  1\r\n", b"2\r\n"]


async def test_a_later_info_may_change_the_largest_payload() -> None:
    script = Script()
    async with scripted(script) as client:
        assert client.largest == 1000
        script.say(b'INFO {"max_payload":2000}\r\n+OK\r\nPING\r\n')
        await script.next()
        assert client.largest == 2000


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"-ERR 'User Authentication Expired'\r\n", "User Authentication Expired"),
        (b"-ERR 'Stale Connection'\r\n", "Stale Connection"),
        (b"MSG a 1 x\r\n", "a message line of the server cannot be read"),
        (b"INFO {\r\n", "the broker's INFO cannot be read"),
        (b"GOOD day\r\n", "the broker said b'GOOD day'"),
    ],
)
async def test_what_ends_a_connection_is_kept_as_its_reason(said: bytes, reason: str) -> None:
    script = Script()
    async with scripted(script) as client:
        confirming = asyncio.create_task(client.confirm(10))
        await script.next()
        script.say(said)
        assert await lost(client) == reason
        with pytest.raises(MeshUnavailable, match=reason[:10]):
            await confirming
        for late in (client.confirm(1), client.bind([])):
            with pytest.raises(MeshUnavailable):
                await late
        with pytest.raises(MeshUnavailable):
            client.send([Packet("a", b"")])
        client.write(b"dropped")


async def test_a_server_that_goes_away_is_a_loss() -> None:
    script = Script()
    async with scripted(script) as client:
        await script.connected.wait()
        script.writer.transport.abort()
        assert await lost(client)


async def test_a_late_answer_to_a_confirmation_that_was_given_up_counts_for_no_other() -> None:
    script = Script()
    async with scripted(script) as client:
        with pytest.raises(MeshUnavailable, match="did not answer within"):
            await client.confirm(0.05)
        second = asyncio.create_task(client.confirm(5))
        for _ in range(2):
            assert await script.next() == b"PING\r\n"
        script.say(b"PONG\r\n")
        script.say(b"PONG\r\n")
        await second
        script.say(b"PONG\r\nPING\r\n")
        assert await script.next() == b"PONG\r\n"


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (Script(verdict=b"-ERR 'Authorization Violation'\r\n"), AccessDenied),
        (Script(greeting=b"HTTP/1.1 400 Bad Request\r\n"), MeshUnavailable),
        (Script(greeting=b"INFO {\r\n"), MeshUnavailable),
        (Script(verdict=b"-ERR 'maximum connections exceeded'\r\n"), MeshUnavailable),
    ],
)
async def test_a_handshake_that_fails_says_why(script: Script, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        async with scripted(script):
            pass
    assert type(caught.value) is error


@pytest.mark.parametrize("url", ["nats://", "nats://127.0.0.1:x", "nats://127.0.0.1:1"])
async def test_an_address_that_leads_nowhere_is_an_error(url: str) -> None:
    client = WireClient(access(), lambda _messages: None)
    with pytest.raises(MeshUnavailable):
        await client.start(url)
    with pytest.raises(MeshUnavailable):
        client.send([Packet("a", b"")])
