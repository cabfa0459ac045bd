"""The enforcer on the bus: everything here is I/O, every decision is `Mediation`'s."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Sequence
from typing import Final

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.names import Role, is_name, role_of
from lictor.protocols.subjects import CONTROL_ALL, CONTROL_LOST, OUTBOX_ALL
from lictor.protocols.trunk import Trunk
from lictor.runtime.enforcer.mediation import Mediation

_TICK: Final = 0.5
_GLANCE: Final = 0.02

_logger: Final = logging.getLogger("lictor.enforcer")


class Enforcer:
    """Reads every outbox and writes every inbox; nothing is awaited between the two.

    `principals` are told when it starts, or comes back after its connection was lost. `patience` is how many
    seconds `open` waits for the record; after that it opens all the same, and refuses everything until the record
    takes entries.
    """

    def __init__(
        self, trunk: Trunk, mediation: Mediation, principals: Iterable[str], *, patience: float = 10.0
    ) -> None:
        self._trunk = trunk
        self._mediation = mediation
        self._principals = tuple(principals)
        self._patience = patience
        self._recording = asyncio.Event()
        self._obstacle = ""
        self._dropped = 0
        self._ticker: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start mediating; a second call does nothing. Raises MeshUnavailable."""
        if self._ticker is not None:
            return
        await self._trunk.open()
        # First of all, so that nothing that waits for a predecessor is still waiting when the first message passes.
        self._trunk.publish(self._mediation.announce(self._principals))
        await self._trunk.subscribe(self._mediation.record_reply, self._take_record)
        self._trunk.publish(self._mediation.begin())
        await self._trunk.subscribe(CONTROL_ALL, self._take_control)
        await self._trunk.subscribe(OUTBOX_ALL, self._mediation.receive_all)
        self._trunk.on_bound(self._return)
        self._ticker = asyncio.create_task(self._tick(), name="enforcer's timer")
        try:
            async with asyncio.timeout(self._patience):
                await self._recording.wait()
        except TimeoutError:
            _logger.warning("nothing passes yet, because of the record: %s", self._mediation.obstacle)

    async def close(self) -> None:
        """Stop mediating; a second call does nothing. Whoever sends after that is told at once that nobody listens."""
        ticker, self._ticker = self._ticker, None
        if ticker is not None:
            ticker.cancel()
            await asyncio.wait([ticker])
            with contextlib.suppress(MeshUnavailable):
                self._trunk.publish(self._mediation.stop())
        await self._trunk.close()

    async def wait(self) -> None:
        """Return once closed; raise what went wrong inside."""
        if self._ticker is not None:
            await asyncio.wait([self._ticker])
            if not self._ticker.cancelled():
                self._ticker.result()

    def _take_record(self, packets: Sequence[Packet]) -> Sequence[Packet]:
        for packet in packets:
            if packet.body.startswith(b"error"):
                _logger.error("the record: %s", packet.body[:300].decode(errors="replace"))
        again = self._mediation.acknowledge(packets)
        if not self._recording.is_set() and not self._mediation.obstacle:
            self._recording.set()
            # Only now, because until the record takes entries their answers would be refused.
            again += self._mediation.ask_tools([name for name in self._principals if role_of(name) is Role.TOOL])
        return again

    def _take_control(self, packets: Sequence[Packet]) -> Sequence[Packet]:
        out: list[Packet] = []
        for packet in packets:
            principal = packet.body.decode(errors="replace")
            if packet.subject == CONTROL_LOST and is_name(principal):
                out += self._mediation.lose(principal)
            else:
                _logger.warning("%s is not understood: %r", packet.subject, packet.body[:80])
        return out

    def _return(self) -> None:
        """Tell everyone after a lost connection: what was on its way then may never be answered."""
        self._trunk.publish(self._mediation.announce(self._principals))

    async def _tick(self) -> None:
        while True:
            await self._reflect()
            self._report()
            if not self._trunk.bound:
                continue
            try:
                self._trunk.publish(self._mediation.tick())
            except MeshUnavailable:
                _logger.debug("the bus was lost; what was not sent is sent again")

    async def _reflect(self) -> None:
        """Pass the time until the next tick; a draft of the policy is asked now and then, while the bus is quiet."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _TICK
        while (left := until - loop.time()) > 0:
            reflects = self._mediation.reflects
            await asyncio.sleep(min(left, _GLANCE) if reflects else left)
            if reflects and self._trunk.bound:
                with contextlib.suppress(MeshUnavailable):
                    self._trunk.publish(self._mediation.reflect())

    def _report(self) -> None:
        obstacle, dropped = self._mediation.obstacle, self._mediation.dropped
        if obstacle != self._obstacle:
            if obstacle:
                _logger.error("nothing passes, because of the record: %s", obstacle)
            else:
                _logger.info("the record takes entries again")
            self._obstacle = obstacle
        if dropped != self._dropped:
            _logger.error("%d verdicts on refused messages could not be kept for the record", dropped - self._dropped)
            self._dropped = dropped
