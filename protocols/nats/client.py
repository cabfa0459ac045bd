"""One connection to a NATS server, from its handshake to its loss, on the client library with its hot path replaced.

The library (2.16) connects, does TLS, authenticates and pings; reading, parsing and writing are Lictor's. The names
with an underscore are the library's own, and `tests/protocols/nats/test_client.py` fails when they change.
Reconnecting is not the library's: a lost connection is never used again, see `trunk.py`.
"""

import asyncio
import base64
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import nats.errors
from nats.aio.client import Client

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.nats.access import BadCredentials, BusAccess
from lictor.protocols.nats.jwt import sign
from lictor.protocols.nats.transport import DivertedTransport
from lictor.protocols.nats.wire import (
    BrokenStream,
    Messages,
    WireReader,
    write_packets,
    write_subscription,
    write_unsubscription,
)
from lictor.protocols.subjects import reply_prefix

_PERMISSIONS: Final = "permissions violation"
_SUBSCRIPTION: Final = "permissions violation for subscription to "
_PING: Final = b"PING\r\n"
_PONG: Final = b"PONG\r\n"
_PING_INTERVAL: Final = 10
_CONNECT_TIMEOUT: Final = 5
_READ_LIMIT: Final = 65_536

_logger: Final = logging.getLogger("lictor.bus")


class AccessDenied(MeshUnavailable):
    """Raised when the broker does not accept the credentials, or refuses a subscription."""


class WireClient(Client):
    """A connection that gives `receive` all messages of one read at once, and is of no more use once it is lost."""

    def __init__(self, access: BusAccess, receive: Callable[[Messages], None]) -> None:
        super().__init__()
        self._access = access
        self._receive = receive
        self._wire = WireReader()
        self._refused: list[str] = []
        self._closing: asyncio.Task[None] | None = None
        self.lost = asyncio.Event()
        """Set once the connection is gone, for whatever reason."""
        self.reason = ""
        """Why it went, as far as it is known."""

    @property
    def largest(self) -> int:
        """Most bytes of headers and body together that the broker takes."""
        return int(self._max_payload)

    async def start(self, url: str) -> None:
        """Connect and authenticate; raises AccessDenied, MeshUnavailable. What raises has closed the connection."""
        seed, jwt = self._access.seed, self._access.jwt
        try:
            sign(seed, b"")
            await self.connect(
                url,
                error_cb=self._note,
                closed_cb=self._closed,
                name=self._access.principal,
                allow_reconnect=False,
                connect_timeout=_CONNECT_TIMEOUT,
                ping_interval=_PING_INTERVAL,
                signature_cb=lambda nonce: base64.b64encode(sign(seed, nonce.encode())),
                user_jwt_cb=jwt.encode,
                inbox_prefix=reply_prefix(self._access.principal).encode(),
            )
        except (OSError, TimeoutError, nats.errors.Error, BadCredentials, ValueError, AssertionError) as error:
            await self.stop()
            text = " ".join(str(error).removeprefix("nats: ").split()) or type(error).__name__
            if isinstance(error, BadCredentials) or "authorization" in text.lower():
                principal = self._access.principal
                raise AccessDenied(f"{url}: the broker does not accept the credentials of {principal}") from None
            raise MeshUnavailable(f"{url}: {text}") from None
        except asyncio.CancelledError:
            await self.stop()
            raise

    async def bind(self, subscriptions: Sequence[tuple[str, int]], timeout: float = 5.0) -> None:
        """Subscribe and wait until the broker has confirmed; raises AccessDenied, MeshUnavailable."""
        if self.lost.is_set():
            raise MeshUnavailable(self.reason or "the connection was lost")
        self._refused.clear()
        self._write(b"".join([write_subscription(subject, sid) for subject, sid in subscriptions]))
        await self.confirm(timeout)
        if self._refused:
            raise AccessDenied(f"the broker does not let {self._access.principal} subscribe to {self._refused[0]}")

    async def unbind(self, sids: Iterable[int], timeout: float) -> None:
        """Unsubscribe and wait until the broker has confirmed: nothing arrives after that. Raises MeshUnavailable."""
        self._write(b"".join([write_unsubscription(sid) for sid in sids]))
        await self.confirm(timeout)

    async def confirm(self, timeout: float) -> None:
        """Wait until the broker has processed all that was written; raises MeshUnavailable."""
        if self.lost.is_set():
            raise MeshUnavailable(self.reason or "the connection was lost")
        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pongs.append(answered)
        self._write(_PING)
        try:
            async with asyncio.timeout(timeout):
                confirmed = await answered
        except TimeoutError:
            raise MeshUnavailable(f"the broker did not answer within {timeout:g} s") from None
        if not confirmed:
            raise MeshUnavailable(self.reason or "the connection was lost")

    def send(self, packets: Sequence[Packet]) -> None:
        """Publish in one write; raises MeshUnavailable, MalformedEnvelope."""
        if self.lost.is_set():
            raise MeshUnavailable(self.reason or "the connection was lost")
        self._write(write_packets(packets, self._max_payload))

    def write(self, raw: bytes) -> None:
        """Write protocol bytes as they are; what is written after a loss is dropped."""
        try:
            self._write(raw)
        except MeshUnavailable as error:
            _logger.debug("%s: not written: %s", self._access.principal, error)

    def _write(self, raw: bytes) -> None:
        try:
            self._sender().write(raw)
        except ConnectionError as error:
            raise MeshUnavailable(self.reason or str(error)) from None

    async def stop(self) -> None:
        """Close; a second call does nothing."""
        try:
            if self._flush_queue is not None:  # the library closes only what it began to connect
                await self._close(Client.CLOSED, do_cbs=False)
        except Exception:
            _logger.exception("%s: a connection did not close cleanly", self._access.principal)
        finally:
            self._lose()

    def _sender(self) -> DivertedTransport:
        if not isinstance(self._transport, DivertedTransport):
            raise MeshUnavailable("not connected")
        return self._transport

    async def _select_next_server(self) -> None:
        """Try the one server once; whoever rebuilds connections decides how often."""
        server = self._server_pool[0]
        transport = DivertedTransport()
        await transport.connect(server.uri, _READ_LIMIT, _CONNECT_TIMEOUT)
        self._transport = transport
        self._current_server = server

    async def _read_loop(self) -> None:
        try:
            await self._sender().divert(self._take)
            self.reason = self.reason or "the broker closed the connection"
        except OSError as error:
            self.reason = self.reason or str(error)
        await self._close(Client.CLOSED, do_cbs=True)

    def _take(self, data: bytes) -> None:
        try:
            messages, controls = self._wire.feed(data)
        except BrokenStream as error:
            self._give_up(str(error))
            return
        if messages:
            self._receive(messages)
        for line in controls:
            self._control(line)

    def _control(self, line: bytes) -> None:
        if line == b"PING":
            self.write(_PONG)
        elif line == b"PONG":
            self._pings_outstanding = 0
            if self._pongs:
                answered = self._pongs.pop(0)
                if not answered.done():
                    answered.set_result(True)
        elif line.startswith(b"-ERR"):
            self._complain(line[4:].decode("utf-8", "replace").strip(" '"))
        elif line.startswith(b"INFO"):
            self._learn(line[4:])
        elif line != b"+OK":
            self._give_up(f"the broker said {line[:40]!r}")

    def _learn(self, raw: bytes) -> None:
        try:
            information = json.loads(raw)
            self._max_payload = int(information.get("max_payload", self._max_payload))
        except (ValueError, AttributeError):
            self._give_up("the broker's INFO cannot be read")

    def _complain(self, text: str) -> None:
        low = text.lower()
        if low.startswith(_PERMISSIONS):
            if low.startswith(_SUBSCRIPTION):
                self._refused.append(text[len(_SUBSCRIPTION) :])
            _logger.error("%s: the broker refused: %s", self._access.principal, text)
            return
        self._give_up(text)

    def _give_up(self, reason: str) -> None:
        self.reason = self.reason or reason
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(Client.CLOSED, do_cbs=True))

    async def _note(self, error: Exception) -> None:
        self.reason = self.reason or str(error).removeprefix("nats: ")

    async def _closed(self) -> None:
        self._lose()

    def _lose(self) -> None:
        self.lost.set()
        for answered in self._pongs:
            if not answered.done():
                answered.set_result(False)
        self._pongs.clear()
