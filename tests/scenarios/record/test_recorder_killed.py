"""The recorder is killed while it stores: what it acknowledged is there, what comes again is there once."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from postgres import PostgresServer, unusable
from record_entries import a_batch, an_entry

from lictor.protocols.envelope import Packet
from lictor.protocols.nats.access import write_access
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.protocols.record import pack
from lictor.runtime.bus.server import BusServer
from lictor.runtime.store.store import open_store

BATCHES = 600
SUPPORT = Path(__file__).parents[2] / "support"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    if reason := unusable():
        pytest.skip(reason)
    with PostgresServer() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/record.db"
    running: PostgresServer = request.getfixturevalue("server")
    return running.new_database()


class Enforcer:
    """What the enforcer does for the record: sends batches, and sends again what is not acknowledged."""

    def __init__(self, trunk: NatsTrunk) -> None:
        self._trunk = trunk
        self._changed = asyncio.Condition()
        entries = [[an_entry(body=b"x" * 12_000) for _ in range(5)] for _ in range(BATCHES)]
        self._batches = {n: pack(a_batch(n, *five)) for n, five in enumerate(entries, 1)}
        self.acknowledged: set[int] = set()
        self.absent = 0

    async def listen(self) -> None:
        await self._trunk.subscribe("_INBOX_enforcer.record", self._receive)

    def send(self) -> None:
        """Send everything that is not acknowledged."""
        self._trunk.publish(
            [
                Packet("lictor.record.enforcer", body, b"", "_INBOX_enforcer.record")
                for sequence, body in self._batches.items()
                if sequence not in self.acknowledged
            ]
        )

    async def until(self, count: int) -> None:
        """Wait until so many batches are acknowledged."""
        async with asyncio.timeout(40), self._changed:
            await self._changed.wait_for(lambda: len(self.acknowledged) >= count)

    def _receive(self, packets: Sequence[Packet]) -> Sequence[Packet]:
        self.absent += sum(packet.headers.startswith(b"NATS/1.0 503") for packet in packets)
        self.acknowledged |= {int(packet.body) for packet in packets if packet.body}
        self._notifying = asyncio.get_running_loop().create_task(self._notify())
        return ()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@asynccontextmanager
async def recording(credentials: Path, bus: str, url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SUPPORT / "recorder_process.py"), str(credentials), bus, url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert await process.stdout.readline() == b"recording\n"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.timeout(150)
async def test_nothing_acknowledged_is_lost_and_nothing_is_stored_twice(url: str, tmp_path: Path) -> None:
    bus = BusServer(tmp_path / "bus")
    await bus.open()
    mint = bus.mint()
    trunk = NatsTrunk(lambda: mint.access("enforcer"))
    await trunk.open()
    enforcer = Enforcer(trunk)
    await enforcer.listen()
    credentials = tmp_path / "recorder.creds"
    write_access(credentials, mint.access("recorder"))
    try:
        for target in (1, 200, 400):
            async with recording(credentials, bus.url, url) as process:
                enforcer.send()
                await enforcer.until(target)
                process.kill()
                await process.wait()
            promised = set(enforcer.acknowledged)
            with open_store(url) as store:
                stored = store.reader.last()
            assert stored >= 5 * len(promised)
        assert len(enforcer.acknowledged) < BATCHES, "every kill came too late to prove anything"
        enforcer.send()
        await trunk.flush()
        assert enforcer.absent > 0, "without a recorder the broker must say so"
        async with recording(credentials, bus.url, url):
            enforcer.send()
            await enforcer.until(BATCHES)
    finally:
        await trunk.close()
        await bus.close()
    with open_store(url) as store:
        ids = [message.id for message in store.reader.messages(limit=10_000)]
    assert len(ids) == len(set(ids)) == 5 * BATCHES
