"""The mesh: what a principal sees of the bus. Implementations: `nats/` and `in_memory/`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from lictor.protocols.envelope import Packet
from lictor.protocols.held import HeldNotice
from lictor.protocols.subjects import Kind


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a message belongs: carried in headers from message to message."""

    task: str = ""
    context: str = ""
    parent: str = ""
    """Id of the delivered message that is being handled."""
    step: str = ""
    hops: int = 0
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, or one part of a streamed answer."""

    id: str
    body: bytes
    end: bool
    content_type: str = ""
    labels: str = ""
    """Labels as the enforcer wrote them."""


class Delivery(Protocol):
    """A message that the enforcer let through to this principal's inbox."""

    @property
    def id(self) -> str:
        """Id of the message."""
        ...

    @property
    def sender(self) -> str:
        """Who sent it; the broker vouches for the name."""
        ...

    @property
    def kind(self) -> Kind:
        """What the body is."""
        ...

    @property
    def body(self) -> bytes:
        """The standard's own wire format."""
        ...

    @property
    def thread(self) -> Thread:
        """Where the message belongs: its own id is `parent` and its hop count is one higher, ready to be passed on."""
        ...

    @property
    def deadline(self) -> float:
        """Unix time in seconds after which nobody waits; 0 when none was given."""
        ...

    @property
    def labels(self) -> str:
        """Labels as the enforcer wrote them."""
        ...

    async def answer(self, body: bytes, *, end: bool = True, content_type: str = "application/json") -> None:
        """Send one answer, or one part of a stream when `end` is false; raises MeshUnavailable."""
        ...


Handler = Callable[[Delivery], Awaitable[None]]
"""Handles one delivery; each runs in a task of its own, and what it raises is logged, never lost."""

HeldListener = Callable[[Thread, HeldNotice], None]
"""Told what a request of this thread waits for, and when that is over; must not block."""


class Mesh(Protocol):
    """A principal's connection: it can write its own outbox and read its own inbox."""

    @property
    def principal(self) -> str:
        """Whose connection it is."""
        ...

    @property
    def bound(self) -> bool:
        """True while the inbox subscription is confirmed by the broker: health, not TCP."""
        ...

    async def open(self) -> None:
        """Connect and wait until bound; a second call does nothing. Raises MeshUnavailable."""
        ...

    async def close(self) -> None:
        """Fail what waits with MeshUnavailable and leave; a second call does nothing."""
        ...

    async def serve(self, handler: Handler) -> None:
        """Give every delivery to `handler` from now on; at most one handler."""
        ...

    async def request(
        self, kind: Kind, target: str, body: bytes, *, timeout: float, thread: Thread = ..., identifier: str = ...
    ) -> Answer:
        """Send one message and return its one answer.

        `timeout` is in seconds and becomes the deadline header; it stands still while a person is asked about the
        message, or about another that its answer waits for. Raises Refused, NoEnforcer, EnforcerLost, TargetLost,
        DeadlineExceeded, MeshUnavailable, MalformedEnvelope.
        """
        ...

    def stream(
        self, kind: Kind, target: str, body: bytes, *, timeout: float, thread: Thread = ..., identifier: str = ...
    ) -> AsyncIterator[Answer]:
        """Send one message and yield the parts of its answer until the last; raises as `request` does."""
        ...

    async def send(self, target: str, body: bytes, *, thread: Thread = ...) -> None:
        """Send an event; nobody answers, and a refusal is only recorded."""
        ...

    def on_held(self, listener: HeldListener) -> Callable[[], None]:
        """Tell `listener` whenever a request that waits is held up by an approval, and when that is over.

        Returns what ends the listening.
        """
        ...


class Mediator(Protocol):
    """The decision in the middle, without I/O: the enforcer's core as a mesh sees it."""

    def receive(self, packet: Packet) -> list[Packet]:
        """Return what is to be published, in order, for one packet from an outbox."""
        ...
