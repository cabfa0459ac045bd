"""Rows from record entries: values in the order of their table's columns, in a form that both databases take.

Both give back exactly what is in a row, so that the audit chain over rows can be recomputed from the database: times
are floats and never minus zero. Of messages and of changed approvals the columns of the chain are left to the writer.
"""

from dataclasses import fields
from typing import Any, Final

import msgspec

from lictor.protocols.record import ApprovalEntry, MarkEntry, MessageEntry, RecordBatch, ShadowEntry, VerdictEntry
from lictor.runtime.store.results import Task

_WORD: Final = 256
"""Characters kept of a name or an id: index entries have a limit, and a hostile sender must not reach it."""
_SENTENCE: Final = 4000
_DOCUMENT: Final = 65_536
_BIGGEST: Final = 2**63 - 1
_IDS: Final = frozenset({"id", "owner", "agent", "request", "answered_by", "enforcer", "instance"})

Row = tuple[Any, ...]


def word(value: str) -> str:
    """Return a name or an id as it is stored: at most 256 characters."""
    return value if len(value) <= _WORD and "\0" not in value else sentence(value[:_WORD])


def sentence(value: str) -> str:
    """Return text as it is stored: at most 4000 characters; PostgreSQL refuses NUL, so its picture stands for it."""
    return value[:_SENTENCE].replace("\0", "␀")


def document(value: str) -> str:
    """Return JSON as it is stored: whole, or not at all beyond 65 536 characters."""
    return value.replace("\0", "␀") if len(value) <= _DOCUMENT else ""


def batch_row(batch: RecordBatch, first: int, now: float) -> Row:
    """Return the row of a batch whose first message has the number `first`."""
    return (word(batch.enforcer), word(batch.instance), batch.sequence, now, first, len(batch.entries))


def message_row(number: int, entry: MessageEntry) -> Row:
    """Return the row of a message, without its place in the chain."""
    return (
        number,
        word(entry.id),
        entry.at + 0.0,
        word(entry.enforcer),
        word(entry.bundle),
        word(entry.sender),
        word(entry.target),
        word(entry.kind),
        word(entry.outcome),
        entry.body,
        entry.size,
        word(entry.task),
        word(entry.context),
        word(entry.parent),
        word(entry.in_reply_to),
        word(entry.step),
        _integer(entry.hops),
        entry.end,
        word(entry.trace),
        word(entry.content_type),
        sentence(entry.labels),
        word(entry.method),
        entry.cost_us + 0.0,
        document(entry.causes),
        word(entry.approval),
        entry.sealed,
        word(entry.digest),
    )


def verdict_row(number: int, position: int, verdict: VerdictEntry) -> Row:
    """Return the row of the verdict at a position of a message's list."""
    obligations = msgspec.json.encode(verdict.obligations).decode() if verdict.obligations else "[]"
    return (
        number,
        position,
        word(verdict.layer),
        word(verdict.outcome),
        word(verdict.code),
        sentence(verdict.reason),
        sentence(verdict.rule),
        sentence(verdict.file),
        _integer(verdict.line),
        obligations,
        verdict.cost_us + 0.0,
        verdict.facts,
    )


def approval_row(entry: ApprovalEntry, enforcer: str, instance: str) -> Row:
    """Return the row of an approval; that of a change has its link before it and its chain behind."""
    return (
        word(entry.id),
        entry.at + 0.0,
        word(entry.state),
        word(entry.message),
        word(entry.task),
        word(entry.sender),
        word(entry.target),
        word(entry.tool),
        entry.arguments,
        word(entry.digest),
        sentence(entry.reason),
        word(entry.code),
        sentence(entry.rule),
        sentence(entry.file),
        _integer(entry.line),
        sentence(entry.labels),
        entry.until + 0.0,
        word(entry.by),
        sentence(entry.note),
        word(enforcer),
        word(instance),
    )


def mark_row(entry: MarkEntry, batch: RecordBatch, now: float) -> Row:
    """Return the row of an owner's marks; a cut list of labels would be a weaker one, so nothing of it is cut."""
    told = [_whole(value) for value in (entry.labels, entry.causes, entry.sources)]
    return (word(entry.owner), *told, now, word(batch.instance), batch.sequence)


def shadow_row(number: int, entry: ShadowEntry, now: float) -> Row:
    """Return the row of what a draft would have said."""
    return (
        number,
        now,
        word(entry.message),
        word(entry.revision),
        word(entry.layer),
        word(entry.outcome),
        word(entry.code),
        sentence(entry.reason),
        sentence(entry.rule),
        sentence(entry.file),
        _integer(entry.line),
    )


def task_row(task: Task) -> dict[str, Any]:
    """Return the row of a task, by column."""
    row: dict[str, Any] = {}
    for field in fields(task):
        value = getattr(task, field.name)
        if isinstance(value, str):
            value = word(value) if field.name in _IDS else sentence(value)
        row[field.name] = value
    return row


def _whole(value: str) -> str:
    return value.replace("\0", "␀")


def _integer(value: int) -> int:
    return max(-_BIGGEST, min(value, _BIGGEST))
