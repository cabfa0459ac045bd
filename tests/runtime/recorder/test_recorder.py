import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_trunk import LocalTrunk
from record_entries import a_batch

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.record import MarkEntry, RecordBatch, pack, unpack_marks
from lictor.protocols.subjects import RECORD_ALL
from lictor.runtime.recorder.intake import Intake
from lictor.runtime.recorder.recorder import Recorder
from lictor.runtime.store.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/record.db") as opened:
        yield opened


def a_packet(batch: RecordBatch) -> Packet:
    return Packet(f"lictor.record.{batch.enforcer}", pack(batch), b"", f"_INBOX_{batch.enforcer}.record")


async def test_batches_are_stored_and_then_acknowledged(store: Store) -> None:
    trunk = LocalTrunk()
    recorder = Recorder(trunk, store)
    await recorder.open()
    await recorder.open()
    assert trunk.subjects == [RECORD_ALL]

    trunk.deliver(RECORD_ALL, *(a_packet(a_batch(n)) for n in range(1, 101)))
    answers = await trunk.wait_for(100)

    assert [(answer.subject, int(answer.body)) for answer in answers] == [
        ("_INBOX_enforcer.record", n) for n in range(1, 101)
    ]
    assert store.reader.last() == 100
    await recorder.close()
    await recorder.close()
    await recorder.wait()


async def test_a_batch_that_comes_again_is_acknowledged_again_and_stored_once(store: Store) -> None:
    trunk = LocalTrunk()
    recorder = Recorder(trunk, store)
    await recorder.open()
    for _ in range(3):
        trunk.deliver(RECORD_ALL, a_packet(a_batch(7)))
    assert [answer.body for answer in await trunk.wait_for(3)] == [b"7", b"7", b"7"]
    assert store.reader.last() == 1
    await recorder.close()


async def test_closing_stores_and_acknowledges_what_has_arrived(store: Store) -> None:
    trunk = LocalTrunk()
    recorder = Recorder(trunk, store, Intake(at_once=1))
    await recorder.open()
    trunk.deliver(RECORD_ALL, *(a_packet(a_batch(n)) for n in range(1, 51)))
    await recorder.close()
    assert len(trunk.published) == 50
    assert store.reader.last() == 50
    trunk.deliver(RECORD_ALL, a_packet(a_batch(51)))
    assert store.reader.last() == 50


async def test_an_acknowledgement_that_the_bus_lost_is_given_again(store: Store) -> None:
    trunk = LocalTrunk()
    recorder = Recorder(trunk, store)
    await recorder.open()
    handler = trunk.deliver
    trunk.connected = False
    with pytest.raises(MeshUnavailable):
        handler(RECORD_ALL, a_packet(a_batch(1)))  # taken in; what the trunk of the test then says is beside the point
    while not store.reader.last():
        await asyncio.to_thread(store.reader.last)
    trunk.connected = True
    trunk.deliver(RECORD_ALL, a_packet(a_batch(1)))
    assert (await trunk.wait_for(1))[-1].body == b"1"
    assert store.reader.last() == 1
    await recorder.close()


async def test_while_another_process_holds_the_database_nothing_is_acknowledged(store: Store) -> None:
    trunk = LocalTrunk()
    recorder = Recorder(trunk, store)
    await recorder.open()
    writing, _ = store.engines
    with writing.begin():
        trunk.deliver(RECORD_ALL, a_packet(a_batch(1)))
        assert store.reader.last() == 0
        assert trunk.published == []
    assert [answer.body for answer in await trunk.wait_for(1)] == [b"1"]
    await recorder.close()


async def test_without_a_bus_it_does_not_open(store: Store) -> None:
    trunk = LocalTrunk()
    trunk.connected = False
    recorder = Recorder(trunk, store)
    with pytest.raises(MeshUnavailable):
        await recorder.open()
    await recorder.wait()


async def test_a_writer_that_dies_is_told_to_who_waits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_batches: object) -> int:
        raise MemoryError

    monkeypatch.setattr(store.writer, "write_batches", break_down)
    trunk = LocalTrunk()
    recorder = Recorder(trunk, store)
    await recorder.open()
    trunk.deliver(RECORD_ALL, a_packet(a_batch(1)))
    with pytest.raises(MemoryError):
        await asyncio.wait_for(recorder.wait(), 20)
    assert trunk.published == []
    await recorder.close()


async def test_a_successor_is_told_what_its_predecessor_knew(store: Store) -> None:
    mark = MarkEntry("instance:writer", "secret", '{"secret":"principal tool-crm desk.yaml:6"}', "tool-crm")
    trunk = LocalTrunk()
    recorder = Recorder(trunk, store)
    await recorder.open()
    trunk.deliver(RECORD_ALL, a_packet(a_batch(2, marks=(mark,))))
    await trunk.wait_for(1)
    trunk.deliver(RECORD_ALL, a_packet(RecordBatch("enforcer", 1, (), "i2")))
    _, marks, acknowledged = await trunk.wait_for(3)
    assert unpack_marks(marks.body) == [mark]
    assert acknowledged.body == b"1"
    await recorder.close()
