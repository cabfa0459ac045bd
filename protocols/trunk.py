"""The trunk: a trusted part's raw connection to the bus. Implementation: `nats/trunk.py`."""

from collections.abc import Callable, Sequence
from typing import Protocol

from lictor.protocols.envelope import Packet

BatchHandler = Callable[[Sequence[Packet]], Sequence[Packet]]
"""Takes all packets of one read from the bus and returns what to publish, which goes out in one write.

It must not block. What it raises is logged, and then nothing of the batch is published.
"""


class Trunk(Protocol):
    """A connection that reads and writes packets in batches, and comes back by itself after every loss."""

    @property
    def principal(self) -> str:
        """Name of who is connected."""
        ...

    @property
    def bound(self) -> bool:
        """True while the broker has confirmed every subscription on the present connection."""
        ...

    async def open(self) -> None:
        """Connect and wait until bound; a second call does nothing. Raises MeshUnavailable."""
        ...

    async def close(self) -> None:
        """Leave; a second call does nothing."""
        ...

    async def subscribe(self, subject: str, handler: BatchHandler) -> None:
        """Give what arrives on `subject` to `handler`, on this connection and every later one.

        Returns once the broker has confirmed. Raises MeshUnavailable when it refuses.
        """
        ...

    def publish(self, packets: Sequence[Packet]) -> None:
        """Write packets in order and at once, without waiting; raises MeshUnavailable while not connected.

        Raises MalformedEnvelope when one is larger than the broker takes; then none is written.
        """
        ...

    async def flush(self, timeout: float = 5.0) -> None:
        """Wait until the broker has processed what was written; `timeout` in seconds. Raises MeshUnavailable."""
        ...

    def on_bound(self, callback: Callable[[], None]) -> None:
        """Call `callback` after each connection, the first and every later one, has its subscriptions."""
        ...

    def on_lost(self, callback: Callable[[], None]) -> None:
        """Call `callback` each time a bound connection is lost, or closed."""
        ...
