"""Writing the record: many batches in one transaction, each stored once however often it comes."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, Table, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from lictor.protocols.record import RecordBatch
from lictor.runtime.store import tables
from lictor.runtime.store.failures import StoreUnavailable, Unstorable
from lictor.runtime.store.results import Task
from lictor.runtime.store.rows import Row, batch_row, message_row, task_row, verdict_row, word
from lictor.runtime.store.task_state import RESTARTED, concerns, follow

_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Fresh:
    """A batch that is not stored yet, and the number of its first message."""

    batch: RecordBatch
    first: int


class Writer:
    """Writes batches. Any number of threads and processes may: the database puts them in a row."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def write_batches(self, batches: Sequence[RecordBatch]) -> int:
        """Store in one transaction the batches that are not stored yet; return how many those were.

        Raises StoreUnavailable when it is worth trying again, Unstorable when it is not; nothing is stored then.
        """
        try:
            with self._engine.begin() as connection:
                _wait_for_turn(connection)
                fresh = list(_number(connection, _without_stored(connection, batches)))
                if fresh:
                    self._store(connection, fresh)
            return len(fresh)
        except (OperationalError, InterfaceError) as error:
            raise StoreUnavailable(_first_line(error)) from error
        except (DBAPIError, ValueError, OverflowError) as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise StoreUnavailable(_first_line(error)) from error
            raise Unstorable(_first_line(error)) from error

    def _store(self, connection: Connection, fresh: Sequence[Fresh]) -> None:
        now = self._clock()
        numbered = [(item.first + place, entry) for item in fresh for place, entry in enumerate(item.batch.entries)]
        _insert(connection, tables.batches, [batch_row(item.batch, item.first, now) for item in fresh])
        _insert(connection, tables.messages, [message_row(number, entry) for number, entry in numbered])
        judged = [
            verdict_row(number, position, verdict)
            for number, entry in numbered
            for position, verdict in enumerate(entry.verdicts)
        ]
        _insert(connection, tables.verdicts, judged)
        _fail_orphans(connection, fresh, now)
        _follow_tasks(connection, fresh)


def _wait_for_turn(connection: Connection) -> None:
    """Let one transaction write at a time, so that numbers appear in their order; SQLite's BEGIN IMMEDIATE has."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE batches IN EXCLUSIVE MODE"))


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows in the order of the table's columns, past the compiler: it would cost as much as SQLite does."""
    if rows:
        prepare = connection.dialect.identifier_preparer
        columns = ", ".join(prepare.format_column(column) for column in table.columns)
        places = ", ".join(["%s" if connection.dialect.name == "postgresql" else "?"] * len(table.columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({columns}) VALUES ({places})", rows)  # noqa: S608 -- names are the code's own


def _without_stored(connection: Connection, batches: Sequence[RecordBatch]) -> Iterator[RecordBatch]:
    table = tables.batches.c
    sequences: dict[tuple[str, str], list[int]] = {}
    for batch in batches:
        sequences.setdefault((word(batch.enforcer), word(batch.instance)), []).append(batch.sequence)
    seen: set[tuple[str, str, int]] = set()
    for (enforcer, instance), wanted in sequences.items():
        stored = connection.scalars(
            select(table.sequence).where(
                table.enforcer == enforcer,
                table.instance == instance,
                table.sequence.between(min(wanted), max(wanted)),
            )
        )
        seen.update((enforcer, instance, sequence) for sequence in stored)
    for batch in batches:
        key = (word(batch.enforcer), word(batch.instance), batch.sequence)
        if key not in seen:
            seen.add(key)
            yield batch


def _number(connection: Connection, batches: Iterator[RecordBatch]) -> Iterator[Fresh]:
    following: int | None = None
    for batch in batches:
        if following is None:
            following = (connection.scalar(select(func.max(tables.messages.c.number))) or 0) + 1
        yield Fresh(batch, following)
        following += len(batch.entries)


def _fail_orphans(connection: Connection, fresh: Sequence[Fresh], now: float) -> None:
    """Fail what waited for an enforcer whose successor has begun: nothing that it delivered is answered any more."""
    table = tables.tasks
    for item in fresh:
        if item.batch.sequence == 1:
            connection.execute(
                update(table)
                .where(
                    table.c.state == "working",
                    table.c.enforcer == word(item.batch.enforcer),
                    table.c.instance != word(item.batch.instance),
                )
                .values(state="failed", reason=RESTARTED, changed_at=now)
            )


def _follow_tasks(connection: Connection, fresh: Sequence[Fresh]) -> None:
    steps = [(entry, item.batch.instance) for item in fresh for entry in item.batch.entries if concerns(entry)]
    if not steps:
        return
    before = _load_tasks(connection, sorted({word(entry.task) for entry, _ in steps}))
    after: dict[str, Task | None] = dict(before)
    for entry, instance in steps:
        after[word(entry.task)] = follow(after.get(word(entry.task)), entry, instance)
    changed = [task_row(task) for key, task in after.items() if task is not None and task != before.get(key)]
    if changed:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        new = dialect.insert(tables.tasks)
        values = {column.name: new.excluded[column.name] for column in tables.tasks.c if not column.primary_key}
        connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=values), changed)


def _load_tasks(connection: Connection, identifiers: Sequence[str]) -> dict[str, Task]:
    found: dict[str, Task] = {}
    for start in range(0, len(identifiers), _CHUNK):
        rows = connection.execute(
            select(tables.tasks).where(tables.tasks.c.id.in_(identifiers[start : start + _CHUNK]))
        ).mappings()
        found.update((row["id"], Task(**row)) for row in rows)
    return found


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(cause).split())[:300]
