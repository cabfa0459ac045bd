"""The mesh over NATS: two subscriptions, the principal's inbox and its reply inbox, and one outbox."""

from collections.abc import AsyncIterator, Callable, Sequence

from lictor.protocols.correspondent import Correspondent
from lictor.protocols.envelope import Limits, Packet
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.mesh import Answer, Handler, HeldListener, Thread
from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.protocols.subjects import Kind, inbox_all, reply_prefix

_TASKLESS = Thread()


class NatsMesh:
    """A `Mesh` on NATS.

    `access` is asked for credentials before every connection. After a loss everything that waits fails with
    MeshUnavailable; a message that is sent meanwhile waits up to `patience` seconds for the connection to be back.
    """

    def __init__(
        self, access: Callable[[], BusAccess], *, limits: Limits | None = None, patience: float = 10.0
    ) -> None:
        self._trunk = NatsTrunk(access, patience=patience)
        self._patience = patience
        self._correspondent = Correspondent(self._trunk.principal, self._publish, limits)
        self._trunk.on_lost(self._lost)
        self._subscribed = False

    @property
    def principal(self) -> str:
        """Name of who is connected."""
        return self._trunk.principal

    @property
    def bound(self) -> bool:
        """True while the inbox subscription is confirmed by the broker: health, not TCP."""
        return self._trunk.bound

    async def open(self) -> None:
        """Connect and wait until bound; a second call does nothing. Raises MeshUnavailable."""
        if not self._subscribed:
            self._subscribed = True
            await self._trunk.subscribe(f"{reply_prefix(self.principal)}.>", self._take_answers)
            await self._trunk.subscribe(inbox_all(self.principal), self._take_deliveries)
        await self._trunk.open()

    async def close(self) -> None:
        """Fail what waits with MeshUnavailable and leave; a second call does nothing."""
        self._correspondent.fail(_left)
        await self._trunk.close()
        self._correspondent.fail(_left)
        await self._correspondent.close()

    async def serve(self, handler: Handler) -> None:
        """Give every delivery to `handler` from now on, and those that were not handled yet; at most one handler."""
        self._correspondent.serve(handler)

    async def request(
        self, kind: Kind, target: str, body: bytes, *, timeout: float, thread: Thread = _TASKLESS, identifier: str = ""
    ) -> Answer:
        """Send one message and return its one answer; see `Mesh.request`."""
        return await self._correspondent.request(
            kind, target, body, timeout=timeout, thread=thread, identifier=identifier
        )

    def stream(
        self, kind: Kind, target: str, body: bytes, *, timeout: float, thread: Thread = _TASKLESS, identifier: str = ""
    ) -> AsyncIterator[Answer]:
        """Send one message and yield the parts of its answer until the last."""
        return self._correspondent.stream(kind, target, body, timeout=timeout, thread=thread, identifier=identifier)

    async def send(self, target: str, body: bytes, *, thread: Thread = _TASKLESS) -> None:
        """Send an event; nobody answers, and a refusal is only recorded."""
        await self._correspondent.send(target, body, thread=thread)

    def on_held(self, listener: HeldListener) -> Callable[[], None]:
        """Tell `listener` whenever a request that waits is held up by an approval; return what ends the listening."""
        return self._correspondent.on_held(listener)

    async def _publish(self, packet: Packet) -> None:
        if not self._trunk.bound:
            await self._trunk.wait_bound(self._patience)
        self._trunk.publish((packet,))

    def _lost(self) -> None:
        self._correspondent.fail(lambda: MeshUnavailable("the connection to the bus was lost before the answer came"))

    def _take_answers(self, packets: Sequence[Packet]) -> Sequence[Packet]:
        self._correspondent.take_answers(packets)
        return ()

    def _take_deliveries(self, packets: Sequence[Packet]) -> Sequence[Packet]:
        self._correspondent.take_deliveries(packets)
        return ()


def _left() -> MeshUnavailable:
    return MeshUnavailable("the mesh was closed before the answer came")
