"""The table: what waits, what is one with what, what ends it, and how much there may be."""

import json

import msgspec
import pytest

from lictor.guardrails.action import read_action
from lictor.guardrails.approvals.digest import Deed, deed_of
from lictor.guardrails.approvals.held import Held, Waiting
from lictor.guardrails.approvals.table import ApprovalLimits, ApprovalTable, NotHeld, Undecided
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.identifiers import new_id
from lictor.protocols.subjects import Kind

NOW = 1_800_000_000.0
WHY = Verdict("route", Outcome.HOLD, "route.tool_asks", "its permit asks", "rule", "desk.yaml", 6)
HELD = Judgement(Outcome.HOLD, (WHY,), WHY, (1.0,))


def waits(amount: int = 7, sender: str = "triage", task: str = "t", size: int = 0) -> tuple[Waiting, Deed]:
    arguments: dict[str, object] = {"amount": amount} | ({"blob": "x" * size} if size else {})
    body = {"jsonrpc": "2.0", "id": new_id(), "method": "tools/call", "params": {"name": "pay", "arguments": arguments}}
    envelope = Envelope(new_id(NOW), sender, "tool-bank", Kind.MCP, json.dumps(body).encode(), task=task)
    action = read_action(envelope)
    return Waiting(envelope, Circumstances(NOW, action), HELD, 1), deed_of(envelope, action)


def held(table: ApprovalTable, amount: int = 7, now: float = NOW, **more: object) -> Held:
    return table.hold(*waits(amount, **more), now)  # type: ignore[arg-type]


def code_of(table: ApprovalTable, amount: int = 7, now: float = NOW, **more: object) -> str:
    with pytest.raises(NotHeld) as caught:
        held(table, amount, now, **more)
    return caught.value.code


def undecided(table: ApprovalTable, identifier: str, digest: str, now: float = NOW) -> Undecided:
    with pytest.raises(Undecided) as caught:
        table.find(identifier, digest, now)
    return caught.value


def test_what_waits_is_found_by_id_and_digest() -> None:
    table = ApprovalTable(ApprovalLimits(timeout=10.0))
    one = held(table)
    assert (one.since, one.until, one.why) == (NOW, NOW + 10, WHY)
    assert table.find(one.id, one.deed.digest, NOW + 9.9) == one
    assert undecided(table, one.id, "0" * 64).code == "approval.changed"
    assert undecided(table, "0" * 32, one.deed.digest).code == "approval.unknown"
    assert undecided(table, one.id, one.deed.digest, NOW + 10).code == "approval.expired"


def test_by_the_time_that_is_left() -> None:
    table = ApprovalTable(ApprovalLimits(timeout=10.0), lambda tool: 5.0 if tool == "pay" else 60.0)
    first, second = held(table, 1, NOW + 1), held(table, 2, NOW)
    assert [each.id for each in table.all()] == [second.id, first.id]
    assert table.late(NOW + 5.5) == [second]
    assert table.late(NOW + 6) == [second, first]


def test_the_same_action_of_the_same_task_is_one() -> None:
    table = ApprovalTable()
    one, same = held(table), held(table)
    assert same.id == one.id
    assert len(same.messages) == 2
    assert same.first == one.first
    assert same.latest != one.first
    assert len({held(table, task="other").id, held(table, sender="writer").id, held(table, 8).id, one.id}) == 4
    for _ in range(6):
        held(table)
    assert code_of(table) == "approval.repeated"


def test_what_was_decided_is_told() -> None:
    table = ApprovalTable()
    one = held(table)
    table.end(one.id, "approved", "op-cli", NOW, "fine")
    told = undecided(table, one.id, one.deed.digest)
    assert (told.code, str(told)) == ("approval.decided", f"approval {one.id} was approved by op-cli already: fine")
    again = held(table)  # one approval is one delivery
    assert again.id != one.id
    table.end(again.id, "expired", "", NOW)
    assert undecided(table, again.id, again.deed.digest).code == "approval.expired"
    assert held(table).id not in {one.id, again.id}


def test_a_denial_holds_for_the_task() -> None:
    table = ApprovalTable()
    one = held(table)
    table.end(one.id, "denied", "op-cli", NOW, "no")
    assert code_of(table) == "approval.denied"
    assert held(table, task="other").id
    assert held(table, 8).id


def test_limits() -> None:
    table = ApprovalTable(ApprovalLimits(most=2, most_in_all=3))
    held(table, 1)
    held(table, 2)
    assert code_of(table, 3) == "approval.full"
    held(table, 3, sender="writer")
    assert code_of(table, 4, sender="clerk") == "approval.full"
    held(table, 1)  # the same as before needs no more room
    own = next(each for each in table.all() if each.deed.sender == "triage")
    table.end(own.id, "denied", "op-cli", NOW)
    held(table, 5)


def test_a_task_may_ask_only_so_often() -> None:
    table = ApprovalTable(ApprovalLimits(most_of_task=3, period=100.0))
    for amount in range(3):
        table.end(held(table, amount, NOW + amount).id, "approved", "op-cli", NOW)
    assert code_of(table, 9, NOW + 99) == "approval.often"
    assert held(table, 9, NOW + 100.5).id
    assert held(table, 9, NOW + 99, task="other").id


def test_bytes() -> None:
    table = ApprovalTable(ApprovalLimits(most_bytes=6000))
    one = held(table, size=2000)
    assert code_of(table, 8, size=1000) == "approval.full"
    table.end(one.id, "approved", "op-cli", NOW)
    held(table, 8, size=1000)


def test_one_sender_has_its_share_of_the_bytes() -> None:
    table = ApprovalTable(ApprovalLimits(most_bytes_of_sender=6000))
    held(table, size=2000)
    assert code_of(table, 8, size=1000) == "approval.full"
    assert code_of(table, size=2000) == "approval.full"  # the same once more has its weight, too
    assert held(table, 8, size=1000, sender="writer").id


def test_nothing_of_the_action_is_kept_once_it_is_decided() -> None:
    table = ApprovalTable()
    for amount in range(20):
        table.end(held(table, amount, size=10_000).id, "denied", "op-cli", NOW)
    assert len(msgspec.json.encode(list(table._ended.values()))) < 20 * 300


def test_what_was_denied_is_not_asked_again_under_another_step() -> None:
    table = ApprovalTable()
    table.end(held(table).id, "denied", "op-cli", NOW)
    waiting, _ = waits()
    envelope = msgspec.structs.replace(waiting.envelope, step="other")
    with pytest.raises(NotHeld) as caught:
        table.hold(waiting, deed_of(envelope, waiting.about.action), NOW)
    assert caught.value.code == "approval.denied"


def test_a_task_waits_in_vain_only_so_long() -> None:
    table = ApprovalTable(ApprovalLimits(timeout=100.0))
    table.end(held(table, 1, NOW).id, "expired", "", NOW + 100)
    both = held(table, 2, NOW + 100), held(table, 3, NOW + 110)
    table.end(both[0].id, "expired", "", NOW + 200)
    assert code_of(table, 4, NOW + 200) == "approval.often"
    table.end(both[1].id, "expired", "", NOW + 210)  # beside the other: ten seconds more
    assert table._unanswered["t"] == (210.0, NOW + 210)
    assert held(table, 4, NOW + 200, task="other").id
    assert held(table, 4, NOW + 210 + 3600).id


def test_what_people_answer_is_no_waiting_in_vain() -> None:
    table = ApprovalTable(ApprovalLimits(timeout=100.0))
    for amount in range(4):
        state = ("approved", "denied")[amount % 2]
        table.end(held(table, amount, NOW + 99 * amount).id, state, "op-cli", NOW + 99 * (amount + 1))
    assert held(table, 9, NOW + 400).id


def test_one_that_is_asked_anew_waits_no_longer_under_its_old_id() -> None:
    table = ApprovalTable()
    one = held(table)
    table.end(one.id, "expired", "op-cli", NOW, "more is asked now")
    told = undecided(table, one.id, one.deed.digest)
    assert (told.code, str(told)) == ("approval.changed", f"approval {one.id} waits no longer: more is asked now")
    assert not table._unanswered


def test_an_edited_action_waits_in_place_of_the_one_before() -> None:
    table = ApprovalTable()
    one = held(table)
    table.agree(one.id, "op-a")
    before = table.look(one.id, NOW)
    assert before.agreed == ("op-a",)
    waiting, deed = waits(1)
    amended = table.preview(before, waiting, deed, "op-b", NOW)
    assert table.look(one.id, NOW) == before
    table.amend(amended)
    assert table.find(one.id, deed.digest, NOW).agreed == ()
    told = undecided(table, one.id, one.deed.digest)
    assert told.code == "approval.changed"
    assert 'op-b edited the arguments from {"amount":7} to {"amount":1}' in str(told)
    assert held(table).id != one.id  # the original asked for again is not what waits here
    assert held(table, 1).id == one.id
    table.end(one.id, "denied", "op-cli", NOW)
    assert code_of(table, 1) == "approval.denied"
    assert code_of(table) == "approval.denied"


def test_its_memory_is_bounded() -> None:
    table = ApprovalTable(ApprovalLimits(most_of_task=10**6))
    first = held(table, -1)
    table.end(first.id, "denied", "op-cli", NOW)
    for amount in range(5000):
        table.end(held(table, amount).id, "denied", "op-cli", NOW)
    assert undecided(table, first.id, first.deed.digest).code == "approval.unknown"
    assert code_of(table, 4999) == "approval.denied"
    assert held(table, -1).id
    assert len(table._ended) == len(table._denied) == 5000
    assert len(table) == 1
    assert msgspec.json.encode(list(table._by_deed.values()))
