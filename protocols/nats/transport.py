"""The client library's TCP transport with one change: bytes can be taken as they arrive, without a task in between."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final
from urllib.parse import ParseResult

from nats.aio.transport import TcpTransport

Sink = Callable[[bytes], None]
_MOST_UNSENT: Final = 8_388_608


class DivertedReader(asyncio.StreamReader):
    """A reader for the handshake that afterwards hands every read to a sink."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)
        self._sink: Sink | None = None

    def divert(self, sink: Sink) -> None:
        """Give what has arrived, and all that will, to `sink`."""
        self._sink = sink
        buffer: bytearray = self._buffer  # type: ignore[attr-defined]  # a read would suspend when there is nothing
        if buffer:
            early = bytes(buffer)
            buffer.clear()
            sink(early)

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]  # typeshed asks for what the loop never gives
        """Take bytes from the socket."""
        if self._sink is None:
            super().feed_data(data)
        elif data:
            self._sink(data)


class DivertedTransport(TcpTransport):
    """TCP, plain or TLS. Lets go of reading while the peer does not take what is written."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library's own has no annotation
        self._relief: asyncio.Task[None] | None = None

    async def connect(self, uri: ParseResult, buffer_size: int, connect_timeout: float) -> None:
        """Open the socket; raises OSError, TimeoutError."""
        if not uri.hostname or not uri.port:
            raise ConnectionError("the address has no host or no port")
        loop = asyncio.get_running_loop()
        reader = DivertedReader(buffer_size)
        protocol = asyncio.StreamReaderProtocol(reader)
        async with asyncio.timeout(connect_timeout):
            transport, _ = await loop.create_connection(lambda: protocol, uri.hostname, uri.port)
        self._bare_io_reader = self._io_reader = reader
        self._bare_io_writer = self._io_writer = asyncio.StreamWriter(transport, protocol, reader, loop)

    async def connect_tls(
        self, uri: str | ParseResult, ssl_context: ssl.SSLContext, buffer_size: int, connect_timeout: float
    ) -> None:
        """Turn the open socket into TLS; raises OSError, TimeoutError."""
        loop = asyncio.get_running_loop()
        reader = DivertedReader(buffer_size)
        protocol = asyncio.StreamReaderProtocol(reader)
        host = uri if isinstance(uri, str) else uri.hostname
        async with asyncio.timeout(connect_timeout):
            transport = await loop.start_tls(self._writer().transport, protocol, ssl_context, server_hostname=host)
        if transport is None:
            raise ConnectionError("the connection was lost during the TLS handshake")
        self._io_reader, self._io_writer = reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def divert(self, sink: Sink) -> None:
        """Give all bytes to `sink`, and return when the peer has gone; raises OSError."""
        reader = self._io_reader
        if not isinstance(reader, DivertedReader):
            raise ConnectionError("not connected")
        reader.divert(sink)
        await reader.read(1)

    def write(self, payload: bytes) -> None:
        """Write at once; while more than 8 MiB wait to be sent, nothing is read. Raises ConnectionError."""
        transport = self._writer().transport
        if transport.is_closing():
            raise ConnectionError("the connection was lost")
        transport.write(payload)
        if transport.get_write_buffer_size() > _MOST_UNSENT and self._relief is None:
            transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport is a full Transport
            self._relief = asyncio.get_running_loop().create_task(self._relieve())

    def close(self) -> None:
        """Close; what cannot be sent at once is dropped, so that a dead peer holds nothing up."""
        if self._io_writer is None:
            return
        transport = self._io_writer.transport
        if transport.get_write_buffer_size():
            transport.abort()
        else:
            transport.close()

    def _writer(self) -> asyncio.StreamWriter:
        if self._io_writer is None:
            raise ConnectionError("not connected")
        return self._io_writer

    async def _relieve(self) -> None:
        writer = self._writer()
        try:
            await writer.drain()
            writer.transport.resume_reading()  # type: ignore[attr-defined]  # as above
        except (OSError, RuntimeError):
            return  # the connection is gone, and whoever reads it knows
        finally:
            self._relief = None
