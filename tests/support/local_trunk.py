"""A trunk without a broker: the test hands packets to the part's handler and sees what the part publishes."""

import asyncio
from collections.abc import Callable, Sequence

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.trunk import BatchHandler


class LocalTrunk:
    """Satisfies `Trunk`; `connected` may be cleared to see what a part does without the bus."""

    def __init__(self, principal: str = "recorder") -> None:
        self._principal = principal
        self._handlers: dict[str, BatchHandler] = {}
        self._changed = asyncio.Condition()
        self.published: list[Packet] = []
        self.connected = True

    @property
    def principal(self) -> str:
        return self._principal

    @property
    def bound(self) -> bool:
        return self.connected

    @property
    def subjects(self) -> list[str]:
        return list(self._handlers)

    async def open(self) -> None: ...

    async def close(self) -> None:
        self.connected = False

    async def subscribe(self, subject: str, handler: BatchHandler) -> None:
        if not self.connected:
            raise MeshUnavailable("there is no bus")
        self._handlers[subject] = handler

    def publish(self, packets: Sequence[Packet]) -> None:
        if not self.connected:
            raise MeshUnavailable("there is no bus")
        self.published.extend(packets)
        self._notify()

    async def flush(self, timeout: float = 5.0) -> None:
        if not self.connected:
            raise MeshUnavailable("there is no bus")

    def on_bound(self, callback: Callable[[], None]) -> None: ...

    def on_lost(self, callback: Callable[[], None]) -> None: ...

    def deliver(self, subject: str, *packets: Packet) -> None:
        """Hand packets to the handler of one subscription, as one read from the bus would."""
        self.publish(self._handlers[subject](packets))

    async def wait_for(self, count: int, seconds: float = 20.0) -> list[Packet]:
        """Wait until so many packets were published."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.published) >= count)
        return self.published

    def _notify(self) -> None:
        async def notify() -> None:
            async with self._changed:
                self._changed.notify_all()

        self._notifying = asyncio.get_running_loop().create_task(notify())
