"""The transport's own parts; that it carries a connection is tested with real servers beside this."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest

from lictor.protocols.envelope import Packet
from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.client import WireClient
from lictor.protocols.nats.jwt import USER, create_seed
from lictor.protocols.nats.transport import DivertedReader, DivertedTransport
from lictor.protocols.nats.wire import Messages
from lictor.runtime.bus.server import find_binary


@asynccontextmanager
async def talking(said: bytes) -> AsyncIterator[int]:
    """Run a server that says something, and takes what it is told until the other side goes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        while await reader.read(65_536):
            pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_what_came_before_the_sink_comes_first() -> None:
    reader = DivertedReader(100)
    reader.feed_data(b"one\r\ntwo")
    assert await reader.readline() == b"one\r\n"
    taken: list[bytes] = []
    reader.divert(taken.append)
    reader.feed_data(b"three")
    reader.feed_data(b"")
    assert taken == [b"two", b"three"]


async def test_bytes_go_to_the_sink_until_the_peer_goes() -> None:
    async with talking(b"hello\r\nworld") as port:
        transport = DivertedTransport()
        await transport.connect(urlparse(f"nats://127.0.0.1:{port}"), 65_536, 5)
        assert await transport.readline() == b"hello\r\n"  # type: ignore[no-untyped-call]
        got = asyncio.Event()
        taken = bytearray()

        def take(data: bytes) -> None:
            taken.extend(data)
            if taken == b"world":
                got.set()

        reading = asyncio.create_task(transport.divert(take))
        async with asyncio.timeout(5):
            await got.wait()
        transport.close()
        await transport.wait_closed()  # type: ignore[no-untyped-call]
        await reading
        with pytest.raises(ConnectionError):
            transport.write(b"late")


async def test_more_than_can_be_sent_is_dropped_on_close() -> None:
    stuck = asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stuck.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1)
    transport = DivertedTransport()
    await transport.connect(urlparse(f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"), 65_536, 5)
    transport.write(b"x" * 50_000_000)
    transport.close()
    async with asyncio.timeout(5):
        await transport.wait_closed()  # type: ignore[no-untyped-call]
    stuck.set()
    server.close()
    await server.wait_closed()


async def test_an_address_without_a_port_is_an_error() -> None:
    with pytest.raises(ConnectionError, match="no host or no port"):
        await DivertedTransport().connect(urlparse("nats://host"), 100, 1)
    with pytest.raises(ConnectionError, match="not connected"):
        DivertedTransport().write(b"x")
    with pytest.raises(ConnectionError, match="not connected"):
        await DivertedTransport().divert(lambda _data: None)
    DivertedTransport().close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_a_server_with_tls_is_reached_and_diverted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate, config = tmp_path / "key.pem", tmp_path / "cert.pem", tmp_path / "server.json"
    made = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", "2", "-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await made.wait() == 0
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls = {"cert_file": str(certificate), "key_file": str(key)}
    config.write_text(json.dumps({"host": "127.0.0.1", "port": -1, "tls": tls}))
    server = await asyncio.create_subprocess_exec(
        find_binary(), "--config", config, stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    assert server.stderr is not None
    port = 0
    async for line in server.stderr:
        if b"Listening for client connections" in line:
            port = int(line.rsplit(b":", 1)[1])
        if b"Server is ready" in line:
            break
    received: asyncio.Queue[Messages] = asyncio.Queue()
    client = WireClient(BusAccess("", "triage", "a.e30.c", create_seed(USER)), received.put_nowait)
    await client.start(f"tls://localhost:{port}")
    await client.bind([("a.>", 1)])
    client.send([Packet("a.b", b"x" * 500_000)])
    async with asyncio.timeout(5):
        assert await received.get() == {1: [Packet("a.b", b"x" * 500_000)]}
    await client.stop()
    server.terminate()
    await server.communicate()
