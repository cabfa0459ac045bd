from dataclasses import replace

import pytest
from record_entries import AT, a_denial, a_question, an_answer, an_entry

from lictor.protocols.record import MessageEntry
from lictor.runtime.store.results import Task
from lictor.runtime.store.task_state import concerns, follow


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
