"""The trunk over NATS: one connection after the other, each bound again before it counts as healthy."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from typing import Final

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MalformedEnvelope, MeshUnavailable
from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.client import AccessDenied, WireClient
from lictor.protocols.nats.wire import Messages, write_packets
from lictor.protocols.subjects import RECORD_ALL
from lictor.protocols.trunk import BatchHandler

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 2.0
_STEADY: Final = 5.0
_PARTING: Final = 1.0
_INSIST: Final = 0.2
_RECORD: Final = RECORD_ALL.removesuffix(">")
_chance: Final = random.SystemRandom()
_logger: Final = logging.getLogger("lictor.bus")


def pause(attempt: int, chance: Callable[[float, float], float] = _chance.uniform) -> float:
    """Return the seconds to wait before a connection attempt, the first being 0: doubling, with full jitter."""
    return chance(0.0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempt, 16)))


class NatsTrunk:
    """A `Trunk` on NATS.

    `access` is asked for credentials before every connection, so that it can give fresh ones when the last have
    expired. `patience` is how long `open` tries, in seconds; a lost connection is tried again without end.
    """

    def __init__(self, access: Callable[[], BusAccess], *, patience: float = 10.0) -> None:
        self._access = access
        self._principal = access().principal
        self._patience = patience
        self._subscriptions: dict[int, tuple[str, BatchHandler]] = {}
        self._last_sid = 0
        self._client: WireClient | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._bound = asyncio.Event()
        self._denied = asyncio.Event()
        self._failure = ""
        self._attempt = 0
        self._when_bound: list[Callable[[], None]] = []
        self._when_lost: list[Callable[[], None]] = []

    @property
    def principal(self) -> str:
        """Name of who is connected."""
        return self._principal

    @property
    def bound(self) -> bool:
        """True while the broker has confirmed every subscription on the present connection."""
        return self._bound.is_set()

    @property
    def largest(self) -> int:
        """Most bytes of headers and body together that the broker takes; 0 while not connected."""
        return self._client.largest if self._client is not None else 0

    def on_bound(self, callback: Callable[[], None]) -> None:
        """Call `callback` after each connection, the first and every later one, has its subscriptions."""
        self._when_bound.append(callback)

    def on_lost(self, callback: Callable[[], None]) -> None:
        """Call `callback` each time a bound connection is lost, or closed."""
        self._when_lost.append(callback)

    async def open(self) -> None:
        """Connect and wait until bound. Raises AccessDenied at once, MeshUnavailable when `patience` is over."""
        if self._keeper is not None:
            return
        self._denied.clear()
        self._attempt = 0
        self._keeper = asyncio.create_task(self._keep(), name=f"trunk of {self._principal}")
        waits = [asyncio.ensure_future(event.wait()) for event in (self._bound, self._denied)]
        try:
            await asyncio.wait(waits, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self.bound:
            return
        failure, denied = self._failure, self._denied.is_set()
        await self.close()
        if denied:
            raise AccessDenied(failure)
        raise MeshUnavailable(f"no connection to the bus within {self._patience:g} s: {failure or 'no answer'}")

    async def close(self) -> None:
        """Handle what has arrived, send what was written, and leave: who sends later is told that nobody listens."""
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        client = self._client
        if client is not None and self.bound:
            try:
                await client.unbind(self._subscriptions, _PARTING)
            except MeshUnavailable:
                _logger.debug("%s: the bus was gone before the connection was closed", self._principal)
        while not keeper.done():  # the client library swallows a cancellation here and there
            keeper.cancel()
            await asyncio.wait([keeper], timeout=_INSIST)

    async def subscribe(self, subject: str, handler: BatchHandler) -> None:
        """Give what arrives on `subject` to `handler`; raises AccessDenied, MeshUnavailable.

        Before `open` it only notes the subscription, which `open` then confirms.
        """
        self._last_sid += 1
        sid = self._last_sid
        self._subscriptions[sid] = (subject, handler)
        client = self._client
        if client is not None:
            try:
                await client.bind([(subject, sid)])
            except AccessDenied:
                del self._subscriptions[sid]
                raise
            except MeshUnavailable:
                await client.lost.wait()  # the next connection has it with all the others
            else:
                return
        if self._keeper is not None:
            await self.wait_bound(self._patience)

    def publish(self, packets: Sequence[Packet]) -> None:
        """Write packets in one write; raises MeshUnavailable while not connected, MalformedEnvelope when too large."""
        client = self._client
        if client is None:
            raise MeshUnavailable(f"not connected to the bus{': ' if self._failure else ''}{self._failure}")
        try:
            client.send(packets)
        except MeshUnavailable:
            self._leave()  # at once: who tries again must wait for the next connection, not spin on this one
            raise

    async def flush(self, timeout: float = 5.0) -> None:
        """Wait until the broker has processed what was written."""
        client = self._client
        if client is None:
            raise MeshUnavailable(f"not connected to the bus{': ' if self._failure else ''}{self._failure}")
        await client.confirm(timeout)

    async def wait_bound(self, timeout: float) -> None:
        """Wait until bound again, at most `timeout` seconds; raises MeshUnavailable, at once when not open."""
        if self._keeper is None:
            raise MeshUnavailable("not connected to the bus: it is not open")
        try:
            async with asyncio.timeout(timeout):
                await self._bound.wait()
        except TimeoutError:
            why = self._failure or "no answer"
            raise MeshUnavailable(f"no connection to the bus for {timeout:g} s: {why}") from None

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._keeper is asyncio.current_task():
                client = await self._connect()
                since = loop.time()
                await client.lost.wait()
                self._failure = client.reason
                _logger.info("%s: the connection to the bus was lost: %s", self._principal, client.reason)
                self._leave()
                await client.stop()
                if loop.time() - since >= _STEADY:
                    self._attempt = 1
        finally:
            client_or_none = self._client
            self._leave()
            if client_or_none is not None:
                await client_or_none.stop()

    async def _connect(self) -> WireClient:
        while True:
            if self._attempt:
                await asyncio.sleep(pause(self._attempt - 1))
            self._attempt += 1
            try:
                return await self._try_once()
            except AccessDenied as error:
                self._fail(str(error))
                self._denied.set()
            except MeshUnavailable as error:
                self._fail(str(error))
            except Exception as error:  # whatever keeps credentials away, the next try may have them
                self._fail(f"no credentials for {self._principal}: {error}")

    async def _try_once(self) -> WireClient:
        access = self._access()
        urls = [url.strip() for url in access.url.split(",") if url.strip()]
        client = WireClient(access, lambda messages: self._receive(client, messages))
        await client.start(urls[(self._attempt - 1) % len(urls)])
        try:
            bound: set[int] = set()
            while missing := [(each[0], sid) for sid, each in self._subscriptions.items() if sid not in bound]:
                await client.bind(missing)
                bound.update(sid for _, sid in missing)
        except BaseException:
            await client.stop()
            raise
        self._client = client
        self._failure = ""
        self._bound.set()
        self._tell(self._when_bound)
        return client

    def _fail(self, failure: str) -> None:
        if failure != self._failure:
            _logger.warning("%s: %s", self._principal, failure)
        self._failure = failure

    def _leave(self) -> None:
        self._client = None
        if self._bound.is_set():
            self._bound.clear()
            self._tell(self._when_lost)

    def _tell(self, callbacks: Sequence[Callable[[], None]]) -> None:
        for callback in callbacks:
            try:
                callback()
            except Exception:
                _logger.exception("%s: a callback of the trunk failed", self._principal)

    def _receive(self, client: WireClient, messages: Messages) -> None:
        out = [written for sid, packets in messages.items() if (written := self._handle(client, sid, packets))]
        if out:
            client.write(b"".join(out))

    def _handle(self, client: WireClient, sid: int, packets: list[Packet]) -> bytes:
        subject, handler = self._subscriptions.get(sid, ("", None))
        if handler is None:
            return b""
        try:
            out = handler(packets)
        except Exception:
            _logger.exception("%s: the handler of %s failed; nothing of its batch passes", self._principal, subject)
            return b""
        try:
            return write_packets(out, client.largest)
        except MalformedEnvelope:
            return self._write_fitting(out, client.largest)

    def _write_fitting(self, packets: Sequence[Packet], largest: int) -> bytes:
        """Write what fits: a large message takes nobody else's with it, but without its record nothing goes."""
        written: list[bytes] = []
        for packet in packets:
            try:
                written.append(write_packets((packet,), largest))
            except MalformedEnvelope as error:
                _logger.error("%s: not published: %s", self._principal, error)  # noqa: TRY400 -- no trace
                if packet.subject.startswith(_RECORD):
                    return b""
        return b"".join(written)
