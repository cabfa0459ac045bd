"""Writing the record: many batches in one transaction, each stored once however often it comes."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from lictor.protocols.record import MarkEntry, RecordBatch
from lictor.runtime.store import tables
from lictor.runtime.store.audit.head import AuditKey, Head
from lictor.runtime.store.audit.writing import Signer, Tail
from lictor.runtime.store.failures import StoreUnavailable, Unstorable
from lictor.runtime.store.following import expire_orphans, fail_orphans, follow_tasks
from lictor.runtime.store.rows import (
    Row,
    approval_row,
    batch_row,
    mark_row,
    message_row,
    shadow_row,
    verdict_row,
    word,
)
from lictor.runtime.store.statements import insert, place, replace

_LATER: Final = "excluded.at >= approvals.at"
_FOLLOWS: Final = "excluded.instance <> marks.instance OR excluded.sequence >= marks.sequence"
"""A batch that was lost comes again behind its successors: what it says must not count as the latest."""
_GIVE_WAY: Final = "DELETE FROM heads WHERE link > ?"
_STORED: Final = "SELECT sequence FROM batches WHERE enforcer = ? AND instance = ? AND sequence BETWEEN ? AND ?"


class Writer:
    """Writes batches. Any number of threads and processes may: the database puts them in a row.

    With a key it signs the audit chain at each commit; without one the chain is written and not signed. `on_head` is
    told of each signed head that is stored.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], float] = time.time,
        key: AuditKey | None = None,
        on_head: Callable[[Head], None] = lambda _: None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._on_head = on_head
        self._signer = Signer(key, clock) if key is not None else None

    def write_batches(self, batches: Sequence[RecordBatch]) -> int:
        """Store in one transaction the batches that are not stored yet; return how many those were.

        Raises StoreUnavailable when it is worth trying again, Unstorable when it is not; nothing is stored then.
        """
        head: Head | None = None
        with _telling_failures():
            with self._engine.begin() as connection:
                _wait_for_turn(connection)
                fresh = list(_without_stored(connection, batches))
                if fresh:
                    head = self._store(connection, fresh)
            if self._signer is not None and head is not None:
                self._signer.signed(head)
                self._on_head(head)
        return len(fresh)

    def read_marks(self) -> tuple[MarkEntry, ...]:
        """Return what is known of every owner; raises StoreUnavailable or Unstorable."""
        table = tables.marks.c
        query = select(table.owner, table.labels, table.causes, table.sources).order_by(table.owner)
        with _telling_failures(), self._engine.connect() as connection:
            return tuple([MarkEntry(*row) for row in connection.execute(query)])

    def _store(self, connection: Connection, fresh: Sequence[RecordBatch]) -> Head | None:
        now = self._clock()
        tail = Tail(connection)
        stored: list[Row] = []
        messages: list[Row] = []
        verdicts: list[Row] = []
        changes: list[Row] = []
        expired = expire_orphans(connection, fresh, now)
        for batch, lapsed in zip(fresh, expired, strict=True):
            stored.append(batch_row(batch, tail.number + 1, now))
            for entry in batch.entries:
                tail.number += 1
                judged = [verdict_row(tail.number, place, each) for place, each in enumerate(entry.verdicts)]
                messages.append(tail.add_message(message_row(tail.number, entry), judged))
                verdicts += judged
            if lapsed or batch.approvals:
                changed = (*lapsed, *[(each, batch.enforcer, batch.instance) for each in batch.approvals])
                changes += [tail.add_approval(approval_row(*each)) for each in changed]
        insert(connection, tables.batches, stored)
        insert(connection, tables.messages, messages)
        insert(connection, tables.verdicts, verdicts)
        if changes:
            insert(connection, tables.approval_changes, changes)
            replace(connection, tables.approvals, [row[1:-1] for row in changes], newer=_LATER)
        self._note(connection, fresh, now)
        fail_orphans(connection, fresh, now)
        follow_tasks(connection, fresh, expired)
        return self._sign(connection, tail)

    def _note(self, connection: Connection, fresh: Sequence[RecordBatch], now: float) -> None:
        marks = [mark_row(entry, batch, now) for batch in fresh for entry in batch.marks]
        replace(connection, tables.marks, marks, newer=_FOLLOWS)
        shadows = [entry for batch in fresh for entry in batch.shadows]
        if shadows:
            following = (connection.scalar(select(func.max(tables.shadows.c.number))) or 0) + 1
            insert(
                connection,
                tables.shadows,
                [shadow_row(number, entry, now) for number, entry in enumerate(shadows, following)],
            )

    def _sign(self, connection: Connection, tail: Tail) -> Head | None:
        if self._signer is None or tail.link == tail.began:
            return None
        head, behind = self._signer.sign(tail)
        if behind < tail.began:
            connection.exec_driver_sql(_GIVE_WAY.replace("?", place(connection)), (behind,))
        insert(connection, tables.heads, [(head.link, head.chain, head.at_ms, head.key, head.signature)])
        return head


@contextmanager
def _telling_failures() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable(_first_line(error)) from error
    except (DBAPIError, ValueError, OverflowError) as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise StoreUnavailable(_first_line(error)) from error
        raise Unstorable(_first_line(error)) from error


def _wait_for_turn(connection: Connection) -> None:
    """Let one transaction write at a time, so that numbers appear in their order; SQLite's BEGIN IMMEDIATE has."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE batches IN EXCLUSIVE MODE"))


def _without_stored(connection: Connection, batches: Sequence[RecordBatch]) -> Iterator[RecordBatch]:
    sequences: dict[tuple[str, str], list[int]] = {}
    for batch in batches:
        sequences.setdefault((word(batch.enforcer), word(batch.instance)), []).append(batch.sequence)
    seen: set[tuple[str, str, int]] = set()
    for (enforcer, instance), wanted in sequences.items():
        given = (enforcer, instance, min(wanted), max(wanted))
        stored = connection.exec_driver_sql(_STORED.replace("?", place(connection)), given).scalars()
        seen.update((enforcer, instance, sequence) for sequence in stored)
    for batch in batches:
        key = (word(batch.enforcer), word(batch.instance), batch.sequence)
        if key not in seen:
            seen.add(key)
            yield batch


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(cause).split())[:300]
