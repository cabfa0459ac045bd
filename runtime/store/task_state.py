"""How a task's row follows from the messages of the task: a pure fold over record entries."""

from dataclasses import replace
from typing import Final

from lictor.protocols.a2a.reading import Outcome, read_answer, read_request
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.names import Role, role_of
from lictor.protocols.record import ApprovalEntry, MessageEntry
from lictor.runtime.store.results import Task

_OUTSIDE: Final = frozenset({Role.EXTERNAL, Role.OPERATOR})
_OPENS: Final = frozenset({"SendMessage", "SendStreamingMessage"})
_PASSED: Final = frozenset({"allow", "redact"})
_UNANSWERED: Final = frozenset({"lost", "expired"})
_WORDS: Final = {"rejected": "refused", "submitted": "working"}
_LONGEST_QUESTION: Final = 4000
_LONGEST_REASON: Final = 1000

_HELD: Final = "hold"
_PENDING: Final = "pending"
_MOST_HELD: Final = 100
"""Held messages of one task that are followed one by one."""

INPUT_REQUIRED: Final = "input-required"
"""State of a task that waits for a person, as A2A names it."""

RESTARTED: Final = "the enforcer was restarted before it was answered"
"""Reason of a task whose enforcer went away with everything that waited."""


def concerns(entry: MessageEntry) -> bool:
    """Tell whether an entry may open or change a task: a request from outside, an answer to one, or an approval."""
    if not entry.task:
        return False
    if entry.outcome == _HELD or entry.approval:
        return True
    if entry.kind == "a2a":
        return _opens(entry)
    return _answers(entry)


def follow(task: Task | None, entry: MessageEntry, instance: str) -> Task | None:
    """Return the task after an entry that concerns it; None while there is none.

    A request opens a task, or takes it up again; its answer closes it. A denied request on a task that exists
    changes nothing: whoever sent it has no say in it. While one of its messages waits for an approval, whoever sent
    that message, the task is `input-required`.
    """
    if entry.outcome == _HELD:
        if task is None and entry.kind == "a2a" and _opens(entry):
            task = replace(_ask(None, entry, instance), state="working")
        return _hold(task, entry) if task is not None else None
    if task is not None and _is_held(task, entry.id):
        passed = entry.outcome in _PASSED
        task = _release(task, entry.id, entry.at)
        if not passed and entry.id == task.request and entry.kind == "a2a":
            return replace(task, state="refused", reason=_reason(entry)[:_LONGEST_REASON], changed_at=entry.at)
        if entry.kind == "a2a":
            return task
    if entry.kind == "a2a":
        return _ask(task, entry, instance) if _opens(entry) else task
    if not _answers(entry) or task is None or entry.in_reply_to != task.request or entry.sender != task.agent:
        return task
    return _answer(task, entry)


def resolve(task: Task | None, change: ApprovalEntry) -> Task | None:
    """Return the task after an approval of one of its messages has changed."""
    if task is None or change.state == _PENDING or not _is_held(task, change.message):
        return task
    released = _release(task, change.message, change.at)
    if change.state == "approved" or change.message != task.request:
        return released
    return replace(released, state="refused", reason=(change.note or change.reason)[:_LONGEST_REASON])


def _opens(entry: MessageEntry) -> bool:
    return entry.method in _OPENS and role_of(entry.sender) in _OUTSIDE


def _answers(entry: MessageEntry) -> bool:
    return entry.kind == "reply" and bool(entry.in_reply_to) and role_of(entry.target) in _OUTSIDE


def _is_held(task: Task, message: str) -> bool:
    return bool(task.held) and message in task.held.split(" ")


def _hold(task: Task, entry: MessageEntry) -> Task:
    if task.state not in {"working", INPUT_REQUIRED}:
        return task
    held = task.held.split(" ") if task.held else []
    if entry.id not in held and len(held) < _MOST_HELD and " " not in entry.id:
        held.append(entry.id)
    return replace(
        task,
        state=INPUT_REQUIRED,
        held=" ".join(held),
        reason=_reason(entry)[:_LONGEST_REASON],
        changed_at=entry.at,
    )


def _release(task: Task, message: str, at: float) -> Task:
    held = [each for each in task.held.split(" ") if each != message]
    if held or task.state != INPUT_REQUIRED:
        return replace(task, held=" ".join(held))
    return replace(task, state="working", held="", reason="", changed_at=at)


def _ask(task: Task | None, entry: MessageEntry, instance: str) -> Task:
    passed = entry.outcome in _PASSED
    if task is not None and not passed:
        return task
    try:
        question = read_request(entry.body).text
    except MalformedEnvelope:
        question = ""
    asked = Task(
        id=entry.task,
        state="working" if passed else "refused",
        owner=entry.sender,
        agent=entry.target,
        question=question[:_LONGEST_QUESTION],
        reason="" if passed else _reason(entry),
        context=entry.context,
        request=entry.id,
        answered_by="",
        opened_at=entry.at,
        changed_at=entry.at,
        enforcer=entry.enforcer,
        instance=instance,
    )
    if task is None or task.state == "refused":
        return asked
    return replace(asked, owner=task.owner, question=task.question, opened_at=task.opened_at)


def _answer(task: Task, entry: MessageEntry) -> Task:
    if entry.outcome in _UNANSWERED:
        return _close(task, entry, "failed", _reason(entry))
    if entry.outcome not in _PASSED:
        return _close(task, entry, "refused", _reason(entry))
    try:
        told = read_answer(entry.body)
    except MalformedEnvelope:
        return _close(task, entry, "failed", "the answer cannot be read") if entry.end else task
    state, reason = _state(told, ends=entry.end)
    if state in {"", "working"} or (not told.state and not told.code and task.state != "working"):
        return task
    return _close(task, entry, state, reason)


def _state(told: Outcome, *, ends: bool) -> tuple[str, str]:
    if told.code:
        return "failed", told.error or f"the agent answered with error {told.code}"
    state = _WORDS.get(told.state, told.state) or ("completed" if ends else "")
    return state, told.text if state in {"failed", "refused", "canceled"} else ""


def _close(task: Task, entry: MessageEntry, state: str, reason: str) -> Task:
    return replace(
        task, state=state, reason=reason[:_LONGEST_REASON], answered_by=entry.id, changed_at=entry.at, held=""
    )


def _reason(entry: MessageEntry) -> str:
    return next((verdict.reason for verdict in reversed(entry.verdicts) if verdict.outcome != "allow"), "")
