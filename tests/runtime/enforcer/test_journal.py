"""Batches are kept until they are acknowledged, sent again when they are not, and bounded."""

import pytest
from playbook import START

from lictor.protocols.envelope import Packet
from lictor.protocols.record import MessageEntry, unpack
from lictor.runtime.enforcer.journal import Journal


def entry(body: bytes = b"", **changes: str) -> MessageEntry:
    words = dict.fromkeys(("task", "context", "parent", "in_reply_to", "step", "method"), "")
    return MessageEntry(
        id="0" * 32,
        at=START,
        enforcer="enforcer",
        bundle="r",
        sender="a",
        target="b",
        kind="a2a",
        outcome="allow",
        body=body,
        size=len(body),
        hops=1,
        end=True,
        trace="",
        content_type="",
        labels="",
        cost_us=1.0,
        verdicts=(),
        **(words | changes),  # type: ignore[arg-type]  # words and nothing else
    )


def sequences(packets: list[Packet]) -> list[int]:
    return [unpack(packet.body).sequence for packet in packets]


def test_batches_count_from_one_and_name_their_instance() -> None:
    journal, other = Journal("enforcer"), Journal("enforcer")
    packets = journal.write([entry()], START) + journal.write([entry()], START)
    assert sequences(packets) == [1, 2]
    assert {packet.subject for packet in packets} == {"lictor.record.enforcer"}
    assert {packet.reply for packet in packets} == {"_INBOX_enforcer.record"}
    instances = {unpack(packet.body).instance for packet in packets}
    assert len(instances) == 1
    assert instances != {unpack(other.write([entry()], START)[0].body).instance}


def test_what_is_acknowledged_is_forgotten_in_any_order() -> None:
    journal = Journal("enforcer")
    for _ in range(3):
        journal.write([entry()], START)
    for word in (b"2", b"1", b"1", b"7", b"-3", b"3x", b"", b"\xff", b"9" * 30):
        assert journal.acknowledge(word, START) == []
    assert len(journal) == 1
    journal.acknowledge(b"3", START)
    assert len(journal) == 0


def test_what_is_not_acknowledged_is_sent_again() -> None:
    journal = Journal("enforcer", again=2.0)
    first = journal.write([entry()], START)
    assert journal.due(START + 1.9) == []
    second = journal.write([entry()], START + 1.9)
    assert journal.due(START + 2.0) == first
    assert journal.due(START + 2.1) == []
    assert journal.due(START + 3.9) == second
    assert journal.due(START + 4.0) == first


def test_silence_becomes_an_obstacle_and_an_answer_ends_it() -> None:
    journal = Journal("enforcer", patience=5.0)
    journal.write([entry()], START)
    assert journal.obstacle(START + 5.0) == ""
    assert "5 s" in journal.obstacle(START + 5.1)
    journal.acknowledge(b"1", START + 6.0)
    assert journal.obstacle(START + 6.0) == ""


def test_without_a_recorder_one_batch_asks_and_the_rest_waits() -> None:
    journal = Journal("enforcer", again=2.0)
    (first,) = journal.write([entry()], START)
    journal.refuse()
    assert "no recorder" in journal.obstacle(START)
    assert journal.write([entry()], START) == []
    assert journal.write([entry()], START) == []
    assert journal.due(START + 0.5) == []
    assert journal.due(START + 1.0) == [first]
    assert journal.due(START + 1.5) == []
    journal.refuse()
    assert journal.due(START + 2.0) == [first]
    assert sequences(journal.acknowledge(b"1", START + 2.1)) == [2, 3]
    assert journal.obstacle(START + 2.1) == ""
    assert journal.due(START + 2.2) == []


def test_an_empty_journal_asks_with_an_empty_batch() -> None:
    journal = Journal("enforcer")
    journal.refuse()
    (probe,) = journal.due(START)
    assert unpack(probe.body).entries == ()
    journal.acknowledge(b"1", START)
    assert journal.obstacle(START) == ""


def test_nothing_passes_before_the_first_answer() -> None:
    journal = Journal("enforcer")
    (probe,) = journal.begin(START)
    assert "not answered yet" in journal.obstacle(START)
    assert sequences([probe]) == [1]
    assert journal.acknowledge(b"1", START) == []
    assert journal.obstacle(START) == ""


def test_what_waits_is_bounded() -> None:
    journal = Journal("enforcer", most=10_000)
    journal.write([entry(b"x" * 11_000)], START)
    assert "too many" in journal.obstacle(START)
    assert journal.write([entry(), entry()], START) == []
    assert journal.dropped == 2
    journal.acknowledge(b"1", START)
    assert journal.obstacle(START) == ""
    assert sequences(journal.write([entry()], START)) == [2]


def test_large_batches_are_split() -> None:
    journal = Journal("enforcer")
    bodies = [b"x" * 500_000, b"y" * 90_000, b"z" * 500_000, *[b""] * 600]
    packets = journal.write([entry(body) for body in bodies], START)
    assert len(packets) > 2
    assert all(len(packet.body) < 700_000 for packet in packets)
    assert [e.body for packet in packets for e in unpack(packet.body).entries] == bodies


def test_what_waited_comes_in_portions() -> None:
    journal = Journal("enforcer")
    (first,) = journal.begin(START)
    for _ in range(20):
        journal.write([entry(b"x" * 500_000)], START)
    sent = sequences(journal.acknowledge(b"1", START))
    assert 2 <= len(sent) <= 10
    assert sequences(journal.due(START))[0] == sent[-1] + 1
    assert first


def test_what_cannot_be_stored_is_sent_once_more_without_content() -> None:
    journal = Journal("enforcer")
    journal.write([entry(b"odd\x00", task="t\x00\u2603", method="m")], START)
    journal.write([entry()], START)
    (reduced,) = journal.acknowledge(b"error: batch 1 cannot be stored: odd", START)
    (left,) = unpack(reduced.body).entries
    assert (left.body, left.task, left.method, left.size) == (b"", "t", "m", 4)
    assert sequences([reduced]) == [1]
    assert journal.acknowledge(b"error: batch 1 cannot be stored: still", START) == []
    assert (len(journal), journal.dropped) == (1, 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"error: the batch cannot be read: x",
        b"error",
        b"error: batch x cannot be stored",
        b"error: batch 9 cannot be stored",
    ],
)
def test_answers_that_name_no_batch_change_nothing(answer: bytes) -> None:
    journal = Journal("enforcer")
    journal.write([entry()], START)
    assert journal.acknowledge(answer, START) == []
    assert len(journal) == 1
