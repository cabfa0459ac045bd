"""The recorder: takes what enforcers judged, stores it in groups, and acknowledges what is on disk."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.subjects import RECORD_ALL
from lictor.protocols.trunk import Trunk
from lictor.runtime.recorder.commit import GivenUp, commit
from lictor.runtime.recorder.intake import Intake
from lictor.runtime.store.store import Store

_log = logging.getLogger(__name__)


class Recorder:
    """Stores every batch that arrives on the trunk. Opens and closes neither the trunk nor the store.

    A group is whatever arrived while the one before was being stored: one transaction, one sync of the disk.
    What is not acknowledged is sent again by its enforcer, so a crash at any point loses and doubles nothing.
    """

    def __init__(self, trunk: Trunk, store: Store, intake: Intake | None = None) -> None:
        self._trunk = trunk
        self._writer = store.writer
        self._intake = intake or Intake()
        self._hurry = threading.Event()
        self._ended: asyncio.Future[None] | None = None
        self._full = False

    async def open(self) -> None:
        """Start storing; a second call does nothing. Returns once the broker has confirmed the subscription."""
        if self._ended is not None:
            return
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        threading.Thread(target=self._run, args=(loop, self._ended), name="record-writer", daemon=True).start()
        try:
            await self._trunk.subscribe(RECORD_ALL, self._receive)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Store and acknowledge what has arrived, then stop; a second call does nothing.

        When the database fails it is tried once more; what is left stays unacknowledged.
        """
        self._intake.close()
        self._hurry.set()
        if self._ended is None:
            return
        await asyncio.wait([self._ended])
        if self._ended.exception() is not None:
            _log.error("the writer had died: %s", self._ended.exception())
        if self._trunk.bound:
            with suppress(MeshUnavailable):  # its enforcers will send again what they take for lost
                await self._trunk.flush()

    async def wait(self) -> None:
        """Return when it was closed; raise what ended the writer when it died by itself."""
        if self._ended is not None:
            await asyncio.shield(self._ended)

    def _receive(self, packets: Sequence[Packet]) -> Sequence[Packet]:
        for packet in packets:
            taken = self._intake.put(packet)
            if not taken and not self._full:
                _log.warning("more batches arrive than can be stored; what is not taken must be sent again")
            self._full = not taken
        return ()

    def _acknowledge(self, answers: Sequence[Packet]) -> None:
        try:
            self._trunk.publish(answers)
        except MeshUnavailable:
            _log.info("%d acknowledgements are lost with the bus: their batches will come again", len(answers))

    def _run(self, loop: asyncio.AbstractEventLoop, ended: asyncio.Future[None]) -> None:
        failure: BaseException | None = None
        try:
            while packets := self._intake.take():
                answers = commit(self._writer, packets, self._hurry)
                loop.call_soon_threadsafe(self._acknowledge, answers)
        except GivenUp as reason:
            _log.error("closed with batches that are not stored: %s", reason)
        except BaseException as error:
            failure = error
        self._intake.close()
        loop.call_soon_threadsafe(_settle, ended, failure)


def _settle(ended: asyncio.Future[None], failure: BaseException | None) -> None:
    if ended.done():
        return
    if failure is None:
        ended.set_result(None)
    else:
        ended.set_exception(failure)
