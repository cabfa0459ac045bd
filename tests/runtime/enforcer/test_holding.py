"""What waits for a person, as a conversation: who is told, whose time stands still, and what becomes of it."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from approval_play import (
    EXPORT,
    act,
    approvals,
    approve,
    ask_for,
    held,
    notice_in,
    states,
    table,
    with_deadline,
)
from playbook import (
    NOTHING,
    RESULT,
    Playbook,
    agent,
    answered,
    answers,
    call,
    delivered,
    lost,
    refused,
    says,
    started,
    team,
    team_data,
)

from lictor.guardrails.approvals.table import ApprovalLimits
from lictor.protocols.held import HeldNotice
from lictor.runtime.definition.plan import ApprovalsPlan
from lictor.runtime.enforcer.build import build_mediation

TIMEOUT = 600.0


@pytest.fixture
def play() -> Playbook:
    return Playbook()


# Held and approved


def test_a_held_call_is_delivered_once_it_is_approved(play: Playbook) -> None:
    started(play)
    notice = ask_for(play)
    assert notice.until == play.now + TIMEOUT
    assert (notice.sender, notice.target, notice.tool) == ("triage", "tool-crm", "export")
    assert (notice.file, notice.line, notice.code) == ("desk.yaml", 6, "route.tool_asks")
    assert play.entry.outcome == "hold"
    assert play.entry.approval == notice.approval
    assert states(play) == ["pending"]
    play.after(300)
    answer = approve(play, notice, note="called them")
    play << held("op-cli", over=True) << held("triage", over=True)
    play << delivered("tool-crm", sender="triage", Lictor_Message=notice.message)
    sent = play.last
    assert json.loads(sent.body) == json.loads(EXPORT)
    told = answer()
    assert told["delivered"]
    assert told["message"] == notice.message
    entry = next(each for each in reversed(play.entries) if each.id == notice.message)
    assert (entry.outcome, entry.approval) == ("allow", notice.approval)
    assert entry.verdicts[-1].layer == "approval"
    assert entry.verdicts[-1].reason == "op-boss approved it: called them"
    last = approvals(play)[-1]
    assert (last.state, last.by, last.note, last.digest) == ("approved", "op-boss", "called them", notice.digest)
    assert last.arguments == b'{"rows":10,"table":"customers"}'
    play >> answers(sent) << answered("triage", RESULT)


def test_time_stands_still_for_everyone_up_the_chain(play: Playbook) -> None:
    data = team_data()
    data["edges"]["writer"]["tool-crm"] = {"kind": "mcp", "file": "desk.yaml", "line": 9}
    data["permits"]["writer"] = data["permits"]["triage"]
    play.mediation = build_mediation(team(policy_data=data), clock=lambda: play.now)
    play >> says("op-cli", "triage", headers=with_deadline(60, play)) << delivered("triage")
    to_triage = play.last
    play >> says("triage", "writer", headers=with_deadline(50, play)) << delivered("writer")
    to_writer = play.last
    play >> says("writer", "model-small", headers=with_deadline(40, play)) << delivered("model-small")
    to_model = play.last
    play >> says("writer", "tool-crm", EXPORT, headers=with_deadline(30, play))
    play << held("writer")
    notice = notice_in(play.last)
    play << held("triage") << held("op-cli")
    play.after(45)
    play.take(play.core.tick()) << NOTHING  # the model is no part of the chain, and its request was answered in time
    play >> answers(to_model) << NOTHING
    play.after(400)
    play.take(play.core.tick()) << NOTHING
    answer = approve(play, notice)
    play << held("triage", over=True) << held("op-cli", over=True) << held("writer", over=True)
    play << delivered("tool-crm", Lictor_Deadline=str(int((play.now + 30) * 1000)))
    sent = play.last
    assert answer()["delivered"]
    play.after(29)
    play.take(play.core.tick()) << NOTHING
    play >> answers(sent) << answered("writer")
    play >> answers(to_writer) << answered("triage")
    play >> answers(to_triage) << answered("op-cli")


def test_what_is_left_of_the_chains_time_is_all_that_it_has(play: Playbook) -> None:
    play >> says("op-cli", "triage", headers=with_deadline(60, play)) << delivered("triage")
    to_triage = play.last
    notice = ask_for(play)
    play.after(100)
    answer = approve(play, notice)
    play << held("op-cli", over=True) << held("triage", over=True) << delivered("tool-crm")
    answer()
    play.after(62)
    play.take(play.core.tick()) << NOTHING
    assert play.entry.outcome == "expired"
    play >> answers(to_triage) << NOTHING


def test_the_tasks_time_does_not_run_while_it_waits() -> None:

    play = Playbook()
    agents = (agent("triage", 2, time=100.0), agent("writer", 8), agent("clerk", 12))
    play.mediation = build_mediation(team(agents=agents), clock=lambda: play.now)
    started(play)
    notice = ask_for(play)
    play.after(500)
    answer = approve(play, notice)
    play << held("op-cli", over=True) << held("triage", over=True) << delivered("tool-crm")
    answer()
    play.after(50)
    play >> says("triage", "tool-crm", call("find_ticket")) << delivered("tool-crm")
    play.after(60)
    play >> says("triage", "tool-crm", call("find_ticket")) << refused("triage", "admit.budget_time")


# Denied, expired, lost


def test_a_denial_is_told_with_its_reason(play: Playbook) -> None:
    started(play)
    notice = ask_for(play)
    answer = act(play, "approvals.deny", id=notice.approval, note="not this table")
    play << held("op-cli", over=True) << held("triage", over=True)
    play << refused("triage", "approval.denied", "op-boss denied it: not this table", file="desk.yaml", line=6)
    assert answer()["state"] == "denied"
    assert states(play) == ["pending", "denied"]
    # The same is not asked again in this task; in another one it is.
    play >> says("triage", "tool-crm", EXPORT) << refused("triage", "approval.denied", "denied in this task before")
    play >> says("op-cli", "triage", task="task-2") << delivered("triage")
    play >> says("triage", "tool-crm", EXPORT, task="task-2") << held("triage") << held("op-cli")


def test_nobody_answers(play: Playbook) -> None:
    started(play)
    notice = ask_for(play)
    play.after(TIMEOUT - 1)
    play.take(play.core.tick()) << NOTHING
    play.after(1)
    play.take(play.core.tick())
    play << held("op-cli", over=True) << held("triage", over=True)
    play << refused("triage", "approval.expired", "within 600 s")
    assert states(play) == ["pending", "expired"]
    assert play.entry.approval == notice.approval
    assert approve(play, notice)()["error"]["code"] == "approval.expired"


def test_an_approval_that_comes_at_the_deadline_comes_too_late(play: Playbook) -> None:
    started(play)
    notice = ask_for(play)
    play.after(TIMEOUT)
    assert approve(play, notice)()["error"]["code"] == "approval.expired"


def test_its_sender_goes_away(play: Playbook) -> None:
    started(play)
    ask_for(play)
    play.take(play.core.lose("triage"))
    play << held("op-cli", over=True) << held("triage", over=True) << refused("triage", "approval.expired")
    play << lost("op-cli", "triage")
    assert states(play) == ["pending", "expired"]
    assert approvals(play)[-1].note == "triage went away"


def test_the_enforcer_stops(play: Playbook) -> None:
    started(play)
    ask_for(play)
    play.take(play.core.stop())
    play << held("op-cli", over=True) << held("triage", over=True)
    play << refused("triage", "approval.expired", "the enforcer stopped")
    assert states(play) == ["pending", "expired"]


# What binds


@pytest.mark.parametrize("operation", ["approvals.approve", "approvals.deny"])
def test_another_digest_decides_nothing(play: Playbook, operation: str) -> None:
    started(play)
    notice = ask_for(play)
    error = act(play, operation, id=notice.approval, digest="0" * 64)()["error"]
    assert error["code"] == "approval.changed"
    assert notice.digest in error["message"]
    assert len(table(play)) == 1


def test_what_was_decided_is_not_decided_again(play: Playbook) -> None:
    started(play)
    notice = ask_for(play)
    answer = approve(play, notice)
    play << held("op-cli", over=True) << held("triage", over=True) << delivered("tool-crm")
    answer()
    error = approve(play, notice, by="op-cli")()["error"]
    assert error == {
        "code": "approval.decided",
        "message": f"approval {notice.approval} was approved by op-boss already",
    }
    unknown = act(play, "approvals.approve", id="0" * 32, digest="")()["error"]
    assert unknown["code"] == "approval.unknown"


def test_the_same_asked_twice_is_one_approval_and_one_delivery(play: Playbook) -> None:
    started(play)
    first = ask_for(play)
    again = ask_for(play, call("export", rows=10, table="customers").replace(b'"1"', b'"2"'), "_INBOX_triage.one.2")
    assert again.approval == first.approval
    assert states(play) == ["pending"]
    answer = approve(play, first)
    play << held("op-cli", over=True) << held("triage", over=True) << held("triage", over=True)
    play << delivered("tool-crm", Lictor_Message=again.message)
    play << refused("triage", "approval.used", again.message, message=first.message)
    answer()


def test_a_task_may_not_tire_people(play: Playbook) -> None:
    table(play).limits = ApprovalLimits(most_of_task=3)
    started(play)
    for word in ("customers", "orders", "prices"):
        answer = approve(play, ask_for(play, call("export", table=word)))
        play << held("op-cli", over=True) << held("triage", over=True) << delivered("tool-crm")
        answer()
    play >> says("triage", "tool-crm", call("export", table="staff"))
    play << refused("triage", "approval.often", "it may not tire people")
    assert play.entry.verdicts[-1].layer == "approval"


def test_so_many_may_wait_at_once(play: Playbook) -> None:
    plan = team(approvals=ApprovalsPlan(most=2))
    play.mediation = build_mediation(plan, clock=lambda: play.now)
    started(play)
    ask_for(play, call("export", rows=1))
    ask_for(play, call("export", rows=2))
    play >> says("triage", "tool-crm", call("export", rows=3)) << refused("triage", "approval.full", "2 actions")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b'"rows": 10, "rows": 11', 11),
        (b'"rows": 1e-999', 0.0),
        (b'"rows": 0.1000000000000000055511151231257827', 0.1),
    ],
)
def test_what_is_shown_and_delivered_is_what_was_judged(play: Playbook, written: bytes, read: float) -> None:
    started(play)
    play >> says("triage", "tool-crm", call("export", table="customers", rows=10).replace(b'"rows": 10', written))
    play << held("triage")
    assert json.loads(play.entry.body)["params"]["arguments"] == {"table": "customers", "rows": read}
    assert play.entry.body.count(b"rows") == 1


# Edited


def test_edited_arguments_are_another_action(play: Playbook) -> None:
    started(play)
    notice = ask_for(play)
    answer = approve(play, notice, arguments={"table": "customers", "rows": 1}, note="one is enough")
    play << held("op-cli", over=True) << held("triage", over=True) << delivered("tool-crm")
    assert json.loads(play.last.body)["params"] == {"name": "export", "arguments": {"table": "customers", "rows": 1}}
    assert json.loads(play.last.body)["id"] == "1"
    told = answer()
    assert told["edited"]
    assert told["digest"] != notice.digest
    pending, approved = approvals(play)
    assert pending.digest == notice.digest
    assert approved.digest == told["digest"]
    assert json.loads(approved.arguments) == {"table": "customers", "rows": 1}
    assert notice.digest in approved.note
    assert "one is enough" in approved.note
    entry = next(each for each in reversed(play.entries) if each.id == notice.message)
    assert json.loads(entry.body)["params"]["arguments"]["rows"] == 1


def test_edited_arguments_are_judged_anew(play: Playbook, tmp_path: Any) -> None:
    rule = tmp_path / "few.rego"
    rule.write_text(
        "package lictor.user.few\nimport rego.v1\n"
        'deny contains {"reason": "too many rows", "file": "few.rego", "line": 3} if input.arguments.rows > 100\n'
    )
    play.mediation = build_mediation(team(policies=(rule,)), clock=lambda: play.now)
    started(play)
    notice = ask_for(play)
    error = approve(play, notice, arguments={"rows": 1000})()["error"]
    assert error["code"] == "approval.edit_refused"
    assert "too many rows (few.rego:3)" in error["message"]
    answer = approve(play, notice)  # it still waits, as it was
    play << held("op-cli", over=True) << held("triage", over=True) << delivered("tool-crm")
    assert json.loads(play.last.body)["params"]["arguments"]["rows"] == 10
    assert not answer()["edited"]


# More than one ask

LARGE = """package lictor.user.large
import rego.v1
ask contains "a large export" if input.arguments.rows > 5
"""
JUNIORS = """package lictor.user.juniors
import rego.v1
deny contains "juniors may not" if { input.approver == "op-junior"; input.held.code == "user.large" }
"""


def with_rules(tmp_path: Path, *texts: str) -> Playbook:
    files = [tmp_path / f"rule{number}.rego" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    play = Playbook()
    data = team_data()
    data["features"] = ["arguments"]
    play.mediation = build_mediation(team(policies=tuple(files), policy_data=data), clock=lambda: play.now)
    return play


def test_all_that_is_asked_is_shown_and_all_of_it_needs_the_right(tmp_path: Path) -> None:
    play = with_rules(tmp_path, LARGE, JUNIORS)
    started(play)
    notice = ask_for(play)
    [one] = table(play).all()
    assert {ask.code for ask in one.asks} == {"route.tool_asks", "user.large"}
    said = " ".join((notice.code, *notice.also))
    assert "route.tool_asks" in said
    assert "user.large" in said
    assert {ask["code"] for ask in act(play, "approvals.show", id=one.id)()["approval"]["asks"]} == {
        "route.tool_asks",
        "user.large",
    }
    assert "also" in approvals(play)[-1].reason
    error = approve(play, notice, by="op-junior")()["error"]
    assert error["code"] == "approval.not_allowed"
    assert error["message"].startswith("juniors may not")
    answer = approve(play, notice)
    play << held("op-cli", over=True) << held("triage", over=True) << delivered("tool-crm")
    assert answer()["delivered"]


def test_what_is_asked_since_it_was_shown_is_asked_anew(play: Playbook) -> None:
    started(play)
    notice = ask_for(play)
    answer = act(play, "policy.activate", modules=[{"path": "large.rego", "text": LARGE}])
    assert "error" not in answer()
    answer = approve(play, notice)
    play << held("op-cli", over=True) << held("triage", over=True) << held("triage")
    again = notice_in(play.last)
    play << held("op-cli")
    told = answer()
    assert (told["state"], told["delivered"], told["approval"]) == ("pending", False, again.approval)
    assert "user.large: a large export" in told["reason"]
    assert again.approval != notice.approval
    assert again.message == notice.message
    assert states(play) == ["pending", "expired", "pending"]
    assert approve(play, notice)()["error"]["code"] == "approval.changed"
    answer = approve(play, again)
    play << held("op-cli", over=True) << held("triage", over=True) << delivered("tool-crm")
    assert answer()["delivered"]


def test_a_caller_waits_in_vain_only_so_long(play: Playbook) -> None:
    play >> says("op-cli", "triage", headers=with_deadline(30, play)) << delivered("triage")
    for number in range(2):
        ask_for(play, call("export", rows=number))
        play.after(TIMEOUT)
        play.take(play.core.tick())
        play << held("op-cli", over=True) << held("triage", over=True) << refused("triage", "approval.expired")
    (
        play
        >> says("triage", "tool-crm", call("export", rows=9))
        << refused("triage", "approval.often", "nobody has answered")
    )
    play.after(32)
    play.take(play.core.tick()) << NOTHING
    assert play.entry.outcome == "expired"


def test_another_context_is_another_action(play: Playbook) -> None:
    started(play)
    notice = ask_for(play)
    play >> says("triage", "tool-crm", EXPORT, headers={"Lictor-Context": "other", "Lictor-Step": "s"})
    play << held("triage")
    other = notice_in(play.last)
    assert other.approval != notice.approval
    assert other.digest != notice.digest


def test_the_same_arguments_are_no_edit(play: Playbook) -> None:
    started(play)
    notice = ask_for(play)
    answer = approve(play, notice, arguments={"rows": 10, "table": "customers"})
    play << held("op-cli", over=True) << held("triage", over=True) << delivered("tool-crm")
    assert json.loads(play.last.body) == json.loads(EXPORT)
    assert not answer()["edited"]


def test_only_tool_calls_can_be_edited(play: Playbook, tmp_path: Any) -> None:
    rule = tmp_path / "ask.rego"
    rule.write_text(
        'package lictor.user.ask\nimport rego.v1\nask contains "may triage pass it on?" if input.target == "writer"\n'
    )
    play.mediation = build_mediation(team(policies=(rule,)), clock=lambda: play.now)
    started(play)
    play >> says("triage", "writer") << held("triage")
    notice = notice_in(play.last)
    play << held("op-cli")
    assert notice.code == "user.ask"
    assert approve(play, notice, arguments={})()["error"]["code"] == "approval.not_editable"
    answer = approve(play, notice)
    play << held("op-cli", over=True) << held("triage", over=True) << delivered("writer", sender="triage")
    assert answer()["delivered"]


# Who may


def test_nobody_approves_what_they_ask_for(play: Playbook, tmp_path: Any) -> None:
    rule = tmp_path / "ask.rego"
    rule.write_text('package lictor.user.ask\nimport rego.v1\nask contains "sure?" if input.sender == "op-cli"\n')
    play.mediation = build_mediation(team(policies=(rule,)), clock=lambda: play.now)
    play >> says("op-cli", "triage") << held("op-cli")
    notice = notice_in(play.last)
    answer = approve(play, notice)
    play << held("op-cli", over=True) << delivered("triage")
    assert answer()["delivered"]
    play.after(1)
    play >> says("op-cli", "triage", task="task-3") << held("op-cli")
    own = notice_in(play.last)
    body = call("approvals.approve", id=own.approval, digest=own.digest)
    (
        play >> says("op-cli", "enforcer", body, kind="mcp", task="task-4") << held("op-cli")
    )  # its every message is asked for
    assert len(table(play)) == 2


def test_the_team_says_who_may(play: Playbook) -> None:
    data = team_data()
    data["approvals"] = {"by": ["op-boss"], "tools": [], "file": "desk.yaml", "line": 30}
    play.mediation = build_mediation(team(policy_data=data), clock=lambda: play.now)
    started(play)
    notice = ask_for(play)
    error = approve(play, notice, by="op-night")()["error"]
    assert error["code"] == "approval.not_allowed"
    assert error["message"].endswith("the team lets op-boss approve it (desk.yaml:30)")
    assert len(table(play)) == 1


def test_an_agent_cannot_approve(play: Playbook) -> None:
    started(play)
    notice = ask_for(play)
    body = call("approvals.approve", id=notice.approval, digest=notice.digest)
    play >> says("triage", "enforcer", body, kind="mcp") << refused("triage", "route.not_an_operator")


def test_two_people(play: Playbook) -> None:
    data = team_data()
    data["approvals"] = {"people": 2}
    play.mediation = build_mediation(team(policy_data=data), clock=lambda: play.now)
    started(play)
    notice = ask_for(play)
    told = approve(play, notice, by="op-a", arguments={"rows": 2})()
    assert (told["state"], told["reason"]) == ("pending", "1 of 2 people have approved it")
    # Who saw what it was before is told what has changed.
    error = approve(play, notice, by="op-b")()["error"]
    assert error["code"] == "approval.changed"
    assert 'op-a edited the arguments from {"rows":10,"table":"customers"} to {"rows":2}' in error["message"]
    again = act(play, "approvals.approve", "op-a", id=notice.approval, digest=told["digest"])()
    assert again["state"] == "pending"
    answer = act(play, "approvals.approve", "op-b", id=notice.approval, digest=told["digest"])
    play << held("op-cli", over=True) << held("triage", over=True) << delivered("tool-crm")
    assert json.loads(play.last.body)["params"]["arguments"] == {"rows": 2}
    assert answer()["state"] == "approved"
    assert [entry.by for entry in approvals(play)] == ["", "op-a", "op-a", "op-b"]


# Answers


def test_an_answer_may_wait_too(play: Playbook, tmp_path: Any) -> None:
    rule = tmp_path / "ask.rego"
    rule.write_text(
        'package lictor.user.ask\nimport rego.v1\nask contains "may it be told?" if {\n'
        '\tinput.kind == "reply"\n\tinput.sender == "tool-crm"\n\tinput.request_kind == "mcp"\n}\n'
    )
    play.mediation = build_mediation(team(policies=(rule,)), clock=lambda: play.now)
    started(play)
    play >> says("triage", "tool-crm", call("find_ticket")) << delivered("tool-crm")
    play >> answers(play.last) << held("triage")
    notice = notice_in(play.last)
    play << held("op-cli")
    answer = approve(play, notice)
    play << held("op-cli", over=True) << held("triage", over=True) << answered("triage", RESULT)
    answer()


# What is told


def test_a_list_by_the_time_that_is_left(play: Playbook) -> None:
    started(play)
    first = ask_for(play, call("export", rows=1))
    play.after(10)
    second = ask_for(play, call("export", rows=2, blob="x" * 5000))
    items = act(play, "approvals.list")()["approvals"]
    assert [item["id"] for item in items] == [first.approval, second.approval]
    assert items[0]["arguments"] == {"rows": 1}
    assert items[1]["arguments"] is None
    assert items[1]["arguments_bytes"] > 5000
    assert 589 < items[0]["seconds_left"] < 590
    assert (items[0]["from"], items[0]["to"], items[0]["owner"]) == ("triage", "tool-crm", "op-cli")
    shown = act(play, "approvals.show", id=second.approval)()["approval"]
    assert shown["arguments"]["rows"] == 2
    assert len(shown["arguments"]["blob"]) == 5000


@pytest.mark.parametrize(
    "arguments", [{}, {"id": 7, "digest": ""}, {"id": "a", "digest": "b", "arguments": []}, {"id": "a", "odd": 1}]
)
def test_arguments_that_are_none(play: Playbook, arguments: dict[str, Any]) -> None:
    assert act(play, "approvals.approve", **arguments)()["error"]["code"] == "approval.arguments"


def test_the_record_comes_before_what_it_covers_and_survives_a_notice_of_any_length(play: Playbook) -> None:
    started(play)
    odd = "é\n" * 2000
    notice = ask_for(play, call("export", **{odd[:50]: odd}))
    assert msgspec.json.decode(approvals(play)[-1].arguments)
    assert notice.approval


def test_an_outside_caller_learns_nothing_of_the_team(play: Playbook) -> None:
    play >> says("ext-shop", "triage") << delivered("triage")
    play >> says("triage", "tool-crm", EXPORT) << held("triage")
    notice = notice_in(play.last)
    play << held("ext-shop")
    assert notice_in(play.last) == HeldNotice(notice.approval, notice.until)
    answer = approve(play, notice)
    play << held("ext-shop", over=True)
    assert notice_in(play.last) == HeldNotice(notice.approval, play.now, over=True)
    play << held("triage", over=True) << delivered("tool-crm")
    answer()
