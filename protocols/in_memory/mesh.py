"""The mesh within one process: the same mediator and the same headers as on the bus, and no broker."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final

from lictor.protocols.correspondent import Correspondent
from lictor.protocols.envelope import Limits, Packet
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.mesh import Answer, Handler, HeldListener, Mediator, Thread
from lictor.protocols.names import require_name
from lictor.protocols.subjects import Kind

_TASKLESS: Final = Thread()
_NO_RESPONDERS: Final = b"NATS/1.0 503\r\n\r\n"


class InMemoryBus:
    """Carries packets between meshes and the mediator, in order, one event loop.

    Outboxes go to the mediator, what it returns to inboxes, and whatever finds nobody comes back as the broker's
    503. `record` is called with the body of each record batch; a `Mediation` wants it acknowledged.
    """

    def __init__(self, mediator: Mediator | None, *, record: Callable[[bytes], None] | None = None) -> None:
        self.mediator = mediator
        """None while no enforcer listens; may be changed at any time."""
        self._record = record
        self._meshes: dict[str, InMemoryMesh] = {}
        self._queue: deque[Packet] = deque()
        self._draining = False

    def mesh(self, principal: str, *, limits: Limits | None = None) -> "InMemoryMesh":
        """Return a mesh for the principal; it is on the bus once it is open. Raises InvalidName."""
        return InMemoryMesh(self, require_name(principal), limits)

    def publish(self, packets: Iterable[Packet]) -> None:
        """Carry packets, as the broker would: also those that the mediator gives of itself, like `announce`."""
        self._queue.extend(packets)
        if self._queue and not self._draining:
            self._draining = True
            asyncio.get_running_loop().call_soon(self._drain)

    def enter(self, mesh: "InMemoryMesh") -> None:
        """Take a mesh on; raises MeshUnavailable while another one bears its name."""
        if self._meshes.setdefault(mesh.principal, mesh) is not mesh:
            raise MeshUnavailable(f"{mesh.principal} is connected already")

    def leave(self, mesh: "InMemoryMesh") -> None:
        """Let a mesh go."""
        if self._meshes.get(mesh.principal) is mesh:
            del self._meshes[mesh.principal]

    def _drain(self) -> None:
        try:
            while self._queue:
                self._carry(self._queue.popleft())
        finally:
            self._draining = False
            self.publish(())  # what a mediator's failure left behind

    def _carry(self, packet: Packet) -> None:
        words = packet.subject.split(".")
        if words[0] == "lictor" and words[1] == "out":
            self._mediate(packet)
        elif words[0] == "lictor" and words[1] == "in":
            self._deliver(words[2], packet)
        elif words[0] == "lictor" and words[1] == "record":
            if self._record is not None:
                self._record(packet.body)
        elif words[0].startswith("_INBOX_"):
            mesh = self._meshes.get(words[0].removeprefix("_INBOX_"))
            if mesh is not None:
                mesh.correspondent.take_answers((packet,))

    def _mediate(self, packet: Packet) -> None:
        if self.mediator is not None:
            self._queue.extend(self.mediator.receive(packet))
        elif packet.reply:
            self._queue.append(Packet(packet.reply, b"", _NO_RESPONDERS))

    def _deliver(self, principal: str, packet: Packet) -> None:
        mesh = self._meshes.get(principal)
        if mesh is not None:
            mesh.correspondent.take_deliveries((packet,))
        elif packet.reply:
            self._queue.append(Packet(packet.reply, b"", _NO_RESPONDERS))


class InMemoryMesh:
    """A `Mesh` on an `InMemoryBus`."""

    def __init__(self, bus: InMemoryBus, principal: str, limits: Limits | None = None) -> None:
        self._bus = bus
        self._principal = principal
        self._open = False
        self.correspondent = Correspondent(principal, self._publish, limits)

    @property
    def principal(self) -> str:
        """Name of who is connected."""
        return self._principal

    @property
    def bound(self) -> bool:
        """True while open."""
        return self._open

    async def open(self) -> None:
        """Join the bus; a second call does nothing. Raises MeshUnavailable when the name is taken."""
        if not self._open:
            self._bus.enter(self)
            self._open = True

    async def close(self) -> None:
        """Fail what waits with MeshUnavailable and leave; a second call does nothing."""
        self.correspondent.fail(lambda: MeshUnavailable("the mesh was closed before the answer came"))
        await self.correspondent.close()
        self._bus.leave(self)
        self._open = False

    async def serve(self, handler: Handler) -> None:
        """Give every delivery to `handler` from now on, and those that were not handled yet; at most one handler."""
        self.correspondent.serve(handler)

    async def request(
        self, kind: Kind, target: str, body: bytes, *, timeout: float, thread: Thread = _TASKLESS, identifier: str = ""
    ) -> Answer:
        """Send one message and return its one answer; see `Mesh.request`."""
        return await self.correspondent.request(
            kind, target, body, timeout=timeout, thread=thread, identifier=identifier
        )

    def stream(
        self, kind: Kind, target: str, body: bytes, *, timeout: float, thread: Thread = _TASKLESS, identifier: str = ""
    ) -> AsyncIterator[Answer]:
        """Send one message and yield the parts of its answer until the last."""
        return self.correspondent.stream(kind, target, body, timeout=timeout, thread=thread, identifier=identifier)

    async def send(self, target: str, body: bytes, *, thread: Thread = _TASKLESS) -> None:
        """Send an event; nobody answers, and a refusal is only recorded."""
        await self.correspondent.send(target, body, thread=thread)

    def on_held(self, listener: HeldListener) -> Callable[[], None]:
        """Tell `listener` whenever a request that waits is held up by an approval; return what ends the listening."""
        return self.correspondent.on_held(listener)

    async def _publish(self, packet: Packet) -> None:
        if not self._open:
            raise MeshUnavailable("not connected to the bus: it is not open")
        self._bus.publish((packet,))
