"""One principal's side of the mesh, without a transport: what it asks, what it is told, what it is asked.

`nats/` and `in_memory/` carry the packets; everything that a caller of `Mesh` can see is decided here.
"""

import asyncio
import json
import logging
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from typing import Final, NamedTuple

from lictor.protocols import headers as names
from lictor.protocols.envelope import Limits, Packet
from lictor.protocols.errors import (
    DeadlineExceeded,
    EnforcerLost,
    MalformedEnvelope,
    NoEnforcer,
    ProtocolError,
    Refusal,
    Refused,
    TargetLost,
)
from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import is_id, minted_at, new_id
from lictor.protocols.inbox_delivery import InboxDelivery, Publish
from lictor.protocols.mesh import Answer, Handler, HeldListener, Thread
from lictor.protocols.patience import Patience
from lictor.protocols.subjects import Kind, outbox, reply_prefix

_NO_RESPONDERS: Final = b"NATS/1.0 503"
_LONGEST_HEADER: Final = 65_536
"""The enforcer may say more than a principal: a refusal is one header."""
_MOST_EARLY: Final = 1024
_JSON: Final = "application/json"
_TASKLESS: Final = Thread()

_logger: Final = logging.getLogger("lictor.mesh")


class _Wait(NamedTuple):
    settle: Callable[[Answer | ProtocolError], None]
    stretch: Callable[[], None]
    """Called when the patience has changed."""
    thread: Thread
    patience: Patience
    since: float


class Correspondent:
    """Keeps what its principal waits for, and runs its handler; one event loop."""

    def __init__(self, principal: str, publish: Publish, limits: Limits | None = None) -> None:
        self.principal = principal
        self._carry = publish
        self._limits = limits or Limits()
        self._prefix = f"{reply_prefix(principal)}.{os.urandom(6).hex()}."
        self._count = 0
        self._waiting: dict[str, _Wait] = {}
        self._handler: Handler | None = None
        self._early: list[InboxDelivery] = []
        self._listeners: tuple[HeldListener, ...] = ()
        self._tasks: set[asyncio.Task[None]] = set()

    async def request(
        self, kind: Kind, target: str, body: bytes, *, timeout: float, thread: Thread = _TASKLESS, identifier: str = ""
    ) -> Answer:
        """Send one message and return its one answer; parts before the last, if any, are passed over."""
        outcome: asyncio.Future[Answer | ProtocolError] = asyncio.get_running_loop().create_future()
        patience = Patience(time.time() + timeout)
        timer = asyncio.timeout(timeout)

        def settle(answer: Answer | ProtocolError) -> None:
            if not outcome.done() and not (isinstance(answer, Answer) and not answer.end):
                outcome.set_result(answer)

        def stretch() -> None:
            if not timer.expired():
                timer.reschedule(_moment(patience))

        reply = self._expect(settle, stretch, thread, patience)
        try:
            packet = self._packet(kind, target, body, thread, timeout=timeout, identifier=identifier, reply=reply)
            async with timer:
                await self._publish(packet)
                answer = await outcome
        except TimeoutError:
            raise _late(target, timeout) from None
        finally:
            self._waiting.pop(reply, None)
        if isinstance(answer, ProtocolError):
            raise answer
        return answer

    async def stream(
        self, kind: Kind, target: str, body: bytes, *, timeout: float, thread: Thread = _TASKLESS, identifier: str = ""
    ) -> AsyncGenerator[Answer, None]:
        """Send one message and yield the parts of its answer until the last; `timeout` is for all of them."""
        patience = Patience(time.time() + timeout)
        parts: asyncio.Queue[Answer | ProtocolError | None] = asyncio.Queue()
        reply = self._expect(parts.put_nowait, lambda: parts.put_nowait(None), thread, patience)
        try:
            packet = self._packet(kind, target, body, thread, timeout=timeout, identifier=identifier, reply=reply)
            try:
                async with asyncio.timeout(timeout):
                    await self._publish(packet)
            except TimeoutError:
                raise _late(target, timeout) from None
            async for part in self._parts(parts, patience, target, timeout):
                yield part
        finally:
            self._waiting.pop(reply, None)

    async def send(self, target: str, body: bytes, *, thread: Thread = _TASKLESS) -> None:
        """Send an event; nobody answers."""
        await self._publish(self._packet(Kind.EVENT, target, body, thread, timeout=0.0, identifier="", reply=""))

    def serve(self, handler: Handler) -> None:
        """Give every delivery to `handler`, those that came before it too; raises ProtocolError on a second one."""
        if self._handler is not None:
            raise ProtocolError(f"{self.principal} already has a handler")
        self._handler = handler
        early, self._early = self._early, []
        for delivery in early:
            self._start(handler, delivery)

    def on_held(self, listener: HeldListener) -> Callable[[], None]:
        """Tell `listener` whenever a request that waits is held up by an approval; return what ends the listening."""
        self._listeners = (*self._listeners, listener)

        def end() -> None:
            self._listeners = tuple(each for each in self._listeners if each is not listener)

        return end

    def take_answers(self, packets: Iterable[Packet]) -> None:
        """Take what arrived in the principal's reply inbox."""
        for packet in packets:
            wait = self._waiting.get(packet.subject)
            if wait is None:
                continue
            told = _read_answer(packet)
            if isinstance(told, HeldNotice):
                self._hold(wait, told)
            else:
                wait.settle(told)

    def take_deliveries(self, packets: Iterable[Packet]) -> None:
        """Take what arrived in the principal's inbox."""
        for packet in packets:
            try:
                headers = names.read_headers(packet.headers, most=64, longest=_LONGEST_HEADER)
                if headers.get(names.LOST) == "enforcer":
                    self._lose_enforcer(headers.get(names.MESSAGE, ""))
                    continue
                delivery = InboxDelivery(packet, headers, self._publish)
            except (MalformedEnvelope, ValueError, IndexError) as error:
                _logger.error("%s: a delivery on %s cannot be read: %s", self.principal, packet.subject, error)  # noqa: TRY400
                continue
            if self._handler is not None:
                self._start(self._handler, delivery)
            elif len(self._early) < _MOST_EARLY:
                self._early.append(delivery)
            else:
                _logger.error("%s: nobody handles its messages, and one was dropped", self.principal)

    def fail(self, reason: Callable[[], ProtocolError]) -> None:
        """Fail everything that waits, each with an error of its own."""
        waiting, self._waiting = self._waiting, {}
        for wait in waiting.values():
            wait.settle(reason())

    async def close(self) -> None:
        """Cancel the handlers that run, but for the one that calls, and wait for them."""
        self._early.clear()
        running = self._tasks - {asyncio.current_task()}
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    def _expect(
        self,
        settle: Callable[[Answer | ProtocolError], None],
        stretch: Callable[[], None],
        thread: Thread,
        patience: Patience,
    ) -> str:
        self._count += 1
        reply = f"{self._prefix}{self._count}"
        self._waiting[reply] = _Wait(settle, stretch, thread, patience, time.time())
        return reply

    def _hold(self, wait: _Wait, notice: HeldNotice) -> None:
        wait.patience.heed(notice, time.time())
        wait.stretch()
        for listener in self._listeners:
            try:
                listener(wait.thread, notice)
            except Exception:
                _logger.exception("%s: what listens for held messages failed", self.principal)

    def _lose_enforcer(self, notice: str) -> None:
        """Give up what was sent before the notice, whose id tells when the new enforcer started."""
        moment = minted_at(notice) if is_id(notice) else time.time()
        for reply, wait in list(self._waiting.items()):
            if wait.since <= moment:
                del self._waiting[reply]
                wait.settle(EnforcerLost("the enforcer that held the request went away"))

    async def _publish(self, packet: Packet) -> None:
        if len(packet.body) > self._limits.body:
            raise MalformedEnvelope(f"the body has {len(packet.body)} bytes; the limit is {self._limits.body}")
        await self._carry(packet)

    def _packet(
        self, kind: Kind, target: str, body: bytes, thread: Thread, *, timeout: float, identifier: str, reply: str
    ) -> Packet:
        said = {
            names.MESSAGE: identifier or new_id(),
            names.CONTENT_TYPE: _JSON,
            names.DEADLINE: str(int((time.time() + timeout) * 1000)) if timeout else "",
            names.TASK: thread.task,
            names.CONTEXT: thread.context,
            names.PARENT: thread.parent,
            names.STEP: thread.step,
            names.HOPS: str(thread.hops) if thread.hops else "",
            names.TRACE: thread.trace,
        }
        headers = names.write_headers({name: value for name, value in said.items() if value})
        return Packet(outbox(self.principal, kind, target), body, headers, reply)

    @staticmethod
    async def _parts(
        parts: asyncio.Queue[Answer | ProtocolError | None], patience: Patience, target: str, timeout: float
    ) -> AsyncIterator[Answer]:
        while True:
            try:
                async with asyncio.timeout_at(_moment(patience)):
                    part = await parts.get()
            except TimeoutError:
                raise _late(target, timeout) from None
            if part is None:
                continue
            if isinstance(part, ProtocolError):
                raise part
            yield part
            if part.end:
                return

    def _start(self, handler: Handler, delivery: InboxDelivery) -> None:
        task = asyncio.create_task(self._handle(handler, delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, handler: Handler, delivery: InboxDelivery) -> None:
        try:
            await handler(delivery)
        except Exception:
            _logger.exception("%s: its handler failed on a message of %s", self.principal, delivery.sender)


def _moment(patience: Patience) -> float:
    """Return when a patience ends, in the loop's own time."""
    return asyncio.get_running_loop().time() + patience.end - time.time()


def _late(target: str, timeout: float) -> DeadlineExceeded:
    return DeadlineExceeded(f"{target} did not answer within {timeout:g} s")


def _read_answer(packet: Packet) -> Answer | HeldNotice | ProtocolError:
    if packet.headers.startswith(_NO_RESPONDERS):
        return NoEnforcer("no enforcer listens, so nothing passes")
    try:
        headers = names.read_headers(packet.headers, most=64, longest=_LONGEST_HEADER)
        told = headers.get(names.REFUSED)
        if told is not None:
            return Refused(Refusal(**json.loads(told)))
        told = headers.get(names.HELD)
        if told is not None:
            return HeldNotice.read(told)
    except (MalformedEnvelope, ValueError, TypeError) as error:
        return MalformedEnvelope(f"the answer cannot be read: {error}")
    lost = headers.get(names.LOST)
    if lost is not None:
        return TargetLost(f"{lost} is not there, or went away before it answered")
    return Answer(
        id=headers.get(names.MESSAGE, ""),
        body=packet.body,
        end=headers.get(names.END) != "0",
        content_type=headers.get(names.CONTENT_TYPE, ""),
        labels=headers.get(names.LABELS, ""),
    )
