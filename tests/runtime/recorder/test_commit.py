import logging
import threading
from collections.abc import Sequence

import msgspec
import pytest
from record_entries import a_batch

from lictor.protocols.envelope import Packet
from lictor.protocols.record import MARKS, MarkEntry, RecordBatch, pack, unpack_marks
from lictor.runtime.recorder.commit import GivenUp, commit
from lictor.runtime.store.failures import StoreUnavailable, Unstorable


class Shelf:
    """A batch writer in memory that fails as it is told to."""

    def __init__(self, *, fails: int = 0, refuses: frozenset[int] = frozenset()) -> None:
        self.fails = fails
        self.refuses = refuses
        self.stored: list[int] = []
        self.marks: tuple[MarkEntry, ...] = ()

    def write_batches(self, batches: Sequence[RecordBatch]) -> int:
        if self.fails:
            self.fails -= 1
            raise StoreUnavailable("database is locked")
        if self.refuses & {batch.sequence for batch in batches}:
            raise Unstorable("value out of range")
        self.stored += [batch.sequence for batch in batches]
        return len(batches)

    def read_marks(self) -> tuple[MarkEntry, ...]:
        if self.fails:
            self.fails -= 1
            raise StoreUnavailable("database is locked")
        return self.marks


def a_packet(sequence: int) -> Packet:
    return Packet("lictor.record.enforcer", pack(a_batch(sequence)), b"", "_INBOX_enforcer.record")


def test_every_batch_of_a_group_is_answered_with_its_sequence() -> None:
    shelf = Shelf()
    answers = commit(shelf, [a_packet(1), a_packet(2)], threading.Event())
    assert [(answer.subject, answer.body) for answer in answers] == [
        ("_INBOX_enforcer.record", b"1"),
        ("_INBOX_enforcer.record", b"2"),
    ]
    assert shelf.stored == [1, 2]


@pytest.mark.parametrize(
    "body",
    [b"", b"\xc1", b"{}", pack(a_batch(9))[:-3], b"\x91" * 100_000],
    ids=["nothing", "no MessagePack", "JSON", "cut off", "deep"],
)
def test_what_is_no_batch_is_logged_and_answered_and_holds_nothing_up(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    bad = Packet("lictor.record.enforcer", body, b"", "_INBOX_enforcer.record")
    answers = commit(Shelf(), [bad, a_packet(1)], threading.Event())
    assert sorted(answer.body.partition(b":")[0] for answer in answers) == [b"1", b"error"]
    assert "cannot be read" in caplog.text


def test_a_batch_that_can_never_be_stored_does_not_hold_the_others_up(caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf(refuses=frozenset({2}))
    answers = commit(shelf, [a_packet(1), a_packet(2), a_packet(3)], threading.Event())
    assert [answer.body for answer in answers] == [
        b"1",
        b"error: batch 2 cannot be stored: value out of range",
        b"3",
    ]
    assert shelf.stored == [1, 3]
    assert "batch 2 of enforcer cannot be stored" in caplog.text


def test_while_the_database_fails_it_is_tried_again_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    answers = commit(Shelf(fails=3), [a_packet(1)], threading.Event())
    assert [answer.body for answer in answers] == [b"1"]
    assert [record.message.partition(",")[0] for record in caplog.records] == [
        "the record cannot be written",
        "the record can be written again",
    ]


def test_in_a_hurry_there_is_one_try_and_no_answer() -> None:
    hurry = threading.Event()
    hurry.set()
    with pytest.raises(GivenUp, match="database is locked"):
        commit(Shelf(fails=99), [a_packet(1)], hurry)


def test_a_batch_without_a_reply_subject_is_stored_and_not_answered() -> None:
    shelf = Shelf()
    assert commit(shelf, [Packet("lictor.record.e", pack(a_batch(1)))], threading.Event()) == []
    assert shelf.stored == [1]


def a_beginning() -> Packet:
    return Packet("lictor.record.e", pack(RecordBatch("e", 1, (), "i9")), b"", "_INBOX_e.record")


def test_an_enforcer_that_begins_is_told_every_mark_before_its_batch_is_acknowledged() -> None:
    shelf = Shelf()
    shelf.marks = tuple(MarkEntry(f"instance:a{n}", "secret", "{}", "tool-crm") for n in range(450))
    answers = commit(shelf, [a_beginning(), a_packet(2)], threading.Event())
    bodies = [answer.body for answer in answers]
    assert bodies[3:] == [b"1", b"2"]
    told = [mark for body in bodies[:3] for mark in unpack_marks(body)]
    assert tuple(told) == shelf.marks
    assert {answer.subject for answer in answers[:4]} == {"_INBOX_e.record"}
    bodies = [answer.body for answer in commit(Shelf(), [a_beginning(), a_packet(1)], threading.Event())]
    assert bodies == [MARKS + msgspec.msgpack.encode(()), b"1", b"1"]


def test_without_its_marks_an_enforcer_is_not_acknowledged() -> None:
    shelf = Shelf()
    hurry = threading.Event()
    hurry.set()

    class Broken(Shelf):
        def read_marks(self) -> tuple[MarkEntry, ...]:
            raise StoreUnavailable("gone")

    assert commit(shelf, [a_beginning()], hurry)
    with pytest.raises(GivenUp, match="gone"):
        commit(Broken(), [a_beginning()], hurry)
