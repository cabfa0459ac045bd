from dataclasses import replace
from typing import Any

import pytest
from record_entries import AT, a_denial, a_question, an_answer, an_approval, an_entry

from lictor.protocols.record import MessageEntry
from lictor.runtime.store.results import Task
from lictor.runtime.store.task_state import concerns, follow, resolve


def after(*entries: MessageEntry) -> Task | None:
    task: Task | None = None
    for entry in entries:
        task = follow(task, entry, "i1")
    return task


@pytest.mark.parametrize(
    ("entry", "concerned"),
    [
        (a_question("t"), True),
        (a_question("t", sender="ext-web", method="SendStreamingMessage"), True),
        (a_question(""), False),
        (a_question("t", sender="triage"), False),
        (a_question("t", method="GetTask"), False),
        (an_answer(a_question("t")), True),
        (an_answer(an_entry(task="t")), False),
        (an_entry(kind="reply", target="op-cli", task="t"), False),
    ],
)
def test_only_what_is_said_to_and_from_the_outside_concerns_a_task(entry: MessageEntry, concerned: bool) -> None:
    assert concerns(entry) is concerned


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("COMPLETED", "completed"),
        ("FAILED", "failed"),
        ("REJECTED", "refused"),
        ("CANCELED", "canceled"),
        ("INPUT_REQUIRED", "input-required"),
        ("WORKING", "working"),
        ("SUBMITTED", "working"),
    ],
)
def test_the_answer_tells_the_state(told: str, state: str) -> None:
    question = a_question("t")
    task = after(question, an_answer(question, "", told))
    assert task is not None
    assert task.state == state
    assert task.reason == (f"status {told}" if state in {"failed", "refused", "canceled"} else "")


def test_an_error_is_a_failure_and_an_unreadable_answer_too() -> None:
    question = a_question("t")
    failed = after(question, an_answer(question, body=b'{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}'))
    assert failed is not None
    assert (failed.state, failed.reason) == ("failed", "no")
    unread = after(question, an_answer(question, body=b"garbage"))
    assert unread is not None
    assert (unread.state, unread.reason) == ("failed", "the answer cannot be read")


def test_parts_of_a_stream_leave_a_task_working_until_the_last() -> None:
    question = a_question("t")
    part = an_answer(
        question, body=b'{"jsonrpc":"2.0","id":1,"result":{"artifactUpdate":{"artifact":{"parts":[{"text":"a"}]}}}}'
    )
    working = after(question, replace_end(part, end=False), replace_end(an_answer(question, body=b"?"), end=False))
    assert working is not None
    assert working.state == "working"
    done = follow(working, part, "i1")
    assert done is not None
    assert done.state == "completed"
    closing = an_answer(question, state="FAILED", at=AT + 1, end=False)
    failed = after(question, closing, part)
    assert failed is not None
    assert (failed.state, failed.answered_by) == ("failed", closing.id)


def replace_end(entry: MessageEntry, *, end: bool) -> MessageEntry:
    return an_entry(**{name: getattr(entry, name) for name in entry.__struct_fields__} | {"end": end})


def test_only_the_agent_that_was_asked_can_close_it() -> None:
    question = a_question("t")
    opened = after(question)
    assert after(question, an_answer(question, sender="writer")) == opened
    assert after(question, an_answer(question, in_reply_to="0" * 32)) == opened
    assert follow(None, an_answer(question), "i1") is None


def test_a_second_question_takes_the_task_up_again() -> None:
    question, more = a_question("t", "First?"), a_question("t", "Second?", at=AT + 9)
    task = after(question, an_answer(question), more)
    assert task is not None
    assert (task.state, task.question, task.request, task.opened_at) == ("working", "First?", more.id, AT)
    done = follow(task, an_answer(more), "i1")
    assert done is not None
    assert done.state == "completed"


def test_a_denied_question_refuses_a_new_task_and_never_an_old_one() -> None:
    denied = a_question("t", outcome="deny", verdicts=a_denial("no such edge"))
    refused = after(denied)
    assert refused is not None
    assert (refused.state, refused.reason) == ("refused", "no such edge")
    allowed = a_question("t", sender="ext-web")
    taken_up = follow(refused, allowed, "i1")
    assert taken_up is not None
    assert (taken_up.state, taken_up.owner) == ("working", "ext-web")
    assert follow(taken_up, denied, "i1") == taken_up
    assert replace(taken_up) == taken_up


HELD: dict[str, Any] = {"outcome": "hold", "verdicts": a_denial("ask a person", outcome="hold"), "approval": "a1"}


def test_a_held_question_waits_and_is_answered_once_it_is_approved() -> None:
    held = a_question("t", id="0" * 32, **HELD)
    waiting = after(held)
    assert waiting is not None
    assert (waiting.state, waiting.held, waiting.reason) == ("input-required", held.id, "ask a person")
    approved = a_question("t", id=held.id, approval="a1")
    working = follow(waiting, approved, "i1")
    assert working is not None
    assert (working.state, working.held, working.reason, working.request) == ("working", "", "", held.id)
    done = follow(working, an_answer(approved), "i1")
    assert done is not None
    assert done.state == "completed"


@pytest.mark.parametrize("by_entry", [True, False])
def test_a_held_question_that_is_denied_is_refused(by_entry: bool) -> None:
    held = a_question("t", id="0" * 32, **HELD)
    denied = a_question("t", id=held.id, outcome="deny", verdicts=a_denial("a person said no"), approval="a1")
    change = an_approval(message=held.id, task="t", state="denied", note="a person said no")
    refused = after(held, denied) if by_entry else resolve(after(held), change)
    assert refused is not None
    assert (refused.state, refused.held, refused.reason) == ("refused", "", "a person said no")
    assert follow(refused, denied, "i1") == refused


def test_a_task_waits_until_every_held_message_is_resolved() -> None:
    question = a_question("t")
    calls = [an_entry(task="t", kind="mcp", id=f"{n}" * 32, **HELD) for n in range(2)]
    waiting = after(question, *calls)
    assert waiting is not None
    assert waiting.held == f"{calls[0].id} {calls[1].id}"
    one = resolve(waiting, an_approval(message=calls[0].id, state="denied"))
    assert one is not None
    assert (one.state, one.held) == ("input-required", calls[1].id)
    assert resolve(one, an_approval(message=calls[0].id, state="denied")) == one
    assert resolve(one, an_approval(message=calls[1].id)) == one
    two = resolve(one, an_approval(message=calls[1].id, state="expired"))
    assert two is not None
    assert (two.state, two.held) == ("working", "")
    assert resolve(None, an_approval(state="denied")) is None


def test_an_answer_ends_a_task_whatever_is_still_held() -> None:
    question = a_question("t")
    task = after(question, an_entry(task="t", kind="mcp", **HELD), an_answer(question))
    assert task is not None
    assert (task.state, task.held) == ("completed", "")
    assert after(question, an_answer(question), an_entry(task="t", kind="mcp", **HELD)) != task
    late = follow(task, an_entry(task="t", kind="mcp", **HELD), "i1")
    assert late == task
    assert follow(None, an_entry(task="t", kind="mcp", **HELD), "i1") is None


def test_a_held_answer_waits_too() -> None:
    question = a_question("t")
    held = an_answer(question, id="9" * 32, **HELD)
    waiting = after(question, held)
    assert waiting is not None
    assert waiting.state == "input-required"
    passed = follow(waiting, an_answer(question, id=held.id, approval="a1"), "i1")
    assert passed is not None
    assert (passed.state, passed.answered_by, passed.held) == ("completed", held.id, "")
