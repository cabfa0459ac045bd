"""Rows from record entries: values in the order of their table's columns, in a form that both databases take."""

from dataclasses import fields
from typing import Any, Final

import msgspec

from lictor.protocols.record import MessageEntry, RecordBatch, VerdictEntry
from lictor.runtime.store.results import Task

_WORD: Final = 256
"""Characters kept of a name or an id: index entries have a limit, and a hostile sender must not reach it."""
_SENTENCE: Final = 4000
_BIGGEST: Final = 2**63 - 1
_IDS: Final = frozenset({"id", "owner", "agent", "request", "answered_by", "enforcer", "instance"})

Row = tuple[Any, ...]


def word(value: str) -> str:
    """Return a name or an id as it is stored: at most 256 characters."""
    return value if len(value) <= _WORD and "\0" not in value else sentence(value[:_WORD])


def sentence(value: str) -> str:
    """Return text as it is stored: at most 4000 characters; PostgreSQL refuses NUL, so its picture stands for it."""
    return value[:_SENTENCE].replace("\0", "␀")


def batch_row(batch: RecordBatch, first: int, now: float) -> Row:
    """Return the row of a batch whose first message has the number `first`."""
    return (word(batch.enforcer), word(batch.instance), batch.sequence, now, first, len(batch.entries))


def message_row(number: int, entry: MessageEntry) -> Row:
    """Return the row of a message."""
    return (
        number,
        word(entry.id),
        entry.at,
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
        entry.cost_us,
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
        verdict.cost_us,
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


def _integer(value: int) -> int:
    return max(-_BIGGEST, min(value, _BIGGEST))
