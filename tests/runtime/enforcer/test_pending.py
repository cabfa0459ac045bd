"""Requests wait for their answer, bounded in number, size and time."""

from playbook import START

from lictor.protocols.envelope import Envelope
from lictor.protocols.identifiers import new_id
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.pending import PendingTable


def request(sender: str = "a", target: str = "b", body: bytes = b"{}", deadline: float = 0.0) -> Envelope:
    return Envelope(id="0" * 32, sender=sender, target=target, kind=Kind.A2A, body=body, deadline=deadline)


def test_a_token_answers_for_its_target_alone() -> None:
    table = PendingTable()
    table.keep("t", request(), "SendMessage", START)
    assert table.find("t", "c") is None
    assert table.take("t", "c") is None
    assert table.find("x", "b") is None
    found = table.take("t", "b")
    assert found is not None
    assert (found.request.sender, found.method) == ("a", "SendMessage")
    assert table.take("t", "b") is None
    assert len(table) == 0


def test_requests_of_one_sender_are_bounded() -> None:
    table = PendingTable(most=2)
    table.keep("1", request(), "", START)
    assert not table.is_full("a")
    table.keep("2", request(), "", START)
    assert table.is_full("a")
    assert not table.is_full("b")
    table.take("1", "b")
    assert not table.is_full("a")


def test_large_bodies_are_not_kept() -> None:
    table = PendingTable()
    table.keep("1", request(body=b"x" * 2048), "", START)
    table.keep("2", request(body=b"x" * 2049), "", START)
    bodies = [pending.request.body for pending in table.take_of("b")]
    assert [len(body) for body in bodies] == [2048, 0]


def test_deadlines_and_their_limits() -> None:
    table = PendingTable()
    table.keep("soon", request(deadline=START + 10), "", START)
    table.keep("none", request(), "", START)
    table.keep("never", request(deadline=START + 1e12), "", START)
    assert table.take_late(START + 11) == []
    assert [pending.until for pending in table.take_late(START + 11.1)] == [START + 11]
    assert len(table.take_late(START + 601.1)) == 1
    assert len(table.take_late(START + 3601.1)) == 1
    assert len(table) == 0


def test_all_that_waits_for_one_target() -> None:
    table = PendingTable()
    table.keep("1", request(), "", START)
    table.keep("2", request(target="c"), "", START)
    table.keep("3", request(sender="z"), "", START)
    assert [pending.request.sender for pending in table.take_of("b")] == ["a", "z"]
    assert table.take_of("b") == []
    assert len(table) == 1


def test_the_parts_of_an_answer_are_bounded_together() -> None:
    table = PendingTable()
    table.keep("1", request(), "", START)
    identifier = request().id
    assert sum(table.grow(identifier, 1) for _ in range(140_000)) == 131_072, "a part counts as 256 bytes at least"
    table.take("1", "b")
    assert table.grow(identifier, 33_554_432), "another request begins anew"


def in_task(sender: str, target: str, task: str = "t", deadline: float = 30.0) -> Envelope:
    return Envelope(
        new_id(), sender, target, Kind.A2A, b"", reply_to=f"_INBOX_{sender}.1", task=task, deadline=deadline
    )


def test_the_chain_above_somebody_who_waits() -> None:
    table = PendingTable()
    for token, sender, target, task in (
        ("1", "op-cli", "triage", "t"),
        ("2", "triage", "writer", "t"),
        ("3", "writer", "model-small", "t"),  # beside the chain
        ("4", "triage", "clerk", "t"),  # beside the chain
        ("5", "op-cli", "writer", "u"),  # another task
        ("6", "writer", "triage", "t"),  # a circle
    ):
        table.keep(token, in_task(sender, target, task), "SendMessage", 1.0)
    assert {token for token, _ in table.chain("t", "writer")} == {"1", "2", "6"}
    assert [token for token, _ in table.chain("u", "writer")] == ["5"]
    assert table.chain("", "writer") == []
    assert table.chain("t", "op-cli") == []


def test_the_time_of_a_request_stands_still() -> None:
    table = PendingTable()
    table.keep("1", in_task("op-cli", "triage"), "SendMessage", 1.0)
    table.hold("1", "a", until=601.0, now=11.0)
    table.hold("1", "b", until=301.0, now=20.0)
    table.hold("9", "a", until=601.0, now=11.0)  # answered meanwhile
    assert table.take_late(600.0) == []
    assert len(table.resume("a", 100.0)) == 1
    assert table.take_late(300.0) == []
    [pending] = table.resume("b", 200.0)
    assert pending.until == 220.0
    assert table.resume("b", 200.0) == []
    assert table.take_late(219.0) == []
    assert len(table.take_late(221.0)) == 1
    assert not table._patience
