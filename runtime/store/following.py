"""What else follows from what is stored: the tasks' rows, and what fails with an enforcer that is gone."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, or_, select, update

from lictor.protocols.record import ApprovalEntry, RecordBatch
from lictor.runtime.store import tables
from lictor.runtime.store.results import Task
from lictor.runtime.store.rows import task_row, word
from lictor.runtime.store.statements import replace
from lictor.runtime.store.task_state import RESTARTED, concerns, follow, resolve

_CHUNK: Final = 500
_APPROVAL: Final = tuple(ApprovalEntry.__struct_fields__)

Lapsed = tuple[ApprovalEntry, str, str]
"""An approval that nobody can give any more, and whose it was: enforcer and instance."""


def expire_orphans(connection: Connection, fresh: Sequence[RecordBatch], now: float) -> list[list[Lapsed]]:
    """Return for each batch the approvals that expire with it: its enforcer has begun anew and holds nothing."""
    table = tables.approvals.c
    found: list[list[Lapsed]] = []
    for batch in fresh:
        rows = (
            connection.execute(
                select(tables.approvals).where(
                    table.state == "pending",
                    table.enforcer == word(batch.enforcer),
                    table.instance != word(batch.instance),
                )
            ).mappings()
            if batch.sequence == 1
            else ()
        )
        lapsed = []
        for row in rows:
            entry = ApprovalEntry(**{name: row[name] for name in _APPROVAL})
            entry = msgspec.structs.replace(entry, at=now, state="expired", note=RESTARTED)
            lapsed.append((entry, row["enforcer"], row["instance"]))
        found.append(lapsed)
    return found


def fail_orphans(connection: Connection, fresh: Sequence[RecordBatch], now: float) -> None:
    """Fail what waited for an enforcer whose successor has begun: nothing that it delivered is answered any more."""
    table = tables.tasks.c
    for batch in fresh:
        if batch.sequence == 1:
            connection.execute(
                update(tables.tasks)
                .where(
                    or_(table.state == "working", table.held != ""),
                    table.enforcer == word(batch.enforcer),
                    table.instance != word(batch.instance),
                )
                .values(state="failed", reason=RESTARTED, changed_at=now, held="")
            )


def follow_tasks(connection: Connection, fresh: Sequence[RecordBatch], lapsed: Sequence[Sequence[Lapsed]]) -> None:
    """Bring the tasks' rows up to what is stored."""
    steps = [(entry, batch.instance) for batch in fresh for entry in batch.entries if concerns(entry)]
    changes = [entry for batch in fresh for entry in batch.approvals if entry.task]
    changes += [entry for each in lapsed for entry, _, _ in each if entry.task]
    if not steps and not changes:
        return
    wanted = {word(entry.task) for entry, _ in steps} | {word(entry.task) for entry in changes}
    before = _load_tasks(connection, sorted(wanted))
    after: dict[str, Task | None] = dict(before)
    for entry, instance in steps:
        after[word(entry.task)] = follow(after.get(word(entry.task)), entry, instance)
    for change in changes:
        after[word(change.task)] = resolve(after.get(word(change.task)), change)
    changed = [task for key, task in after.items() if task is not None and task != before.get(key)]
    names = tables.tasks.columns.keys()
    rows = [task_row(task) for task in changed]
    replace(connection, tables.tasks, [tuple([row[name] for name in names]) for row in rows])


def _load_tasks(connection: Connection, identifiers: Sequence[str]) -> dict[str, Task]:
    found: dict[str, Task] = {}
    for start in range(0, len(identifiers), _CHUNK):
        rows = connection.execute(
            select(tables.tasks).where(tables.tasks.c.id.in_(identifiers[start : start + _CHUNK]))
        ).mappings()
        found.update((row["id"], Task(**row)) for row in rows)
    return found
