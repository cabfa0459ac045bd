"""Reading the record: lists, one message with its verdicts, one task with its tree, and following what comes."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    RowMapping,
    Select,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.exc import DBAPIError

from lictor.protocols.record import MarkEntry
from lictor.runtime.store import tables
from lictor.runtime.store.failures import StoreUnavailable
from lictor.runtime.store.results import Approval, Message, MessageFilter, Node, Shadow, Task, TaskStory, Verdict
from lictor.runtime.store.said import say

_LOADED_BODY: Final = 65_536
"""Bytes of a body up to which lists load it."""
_CHUNK: Final = 500
_MOST_OF_A_TASK: Final = 5000

_m: Final = tables.messages.c
_ALL: Final = MessageFilter()


class Reader:
    """Reads; safe across threads. Every method is one snapshot, and raises StoreUnavailable when there is none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def messages(self, wanted: MessageFilter = _ALL, *, after: int | None = None, limit: int = 100) -> list[Message]:
        """Return messages in the order of the record: the latest, or with `after` the first behind that number.

        Bodies of more than 64 KiB are left out.
        """
        query = _listed().where(*_conditions(wanted)).limit(limit)
        if after is None:
            query = query.order_by(_m.number.desc())
        else:
            query = query.where(_m.number > after).order_by(_m.number)
        with _Snapshot(self._engine) as connection:
            rows = list(connection.execute(query).mappings())
            return _with_verdicts(connection, rows if after is not None else rows[::-1])

    def tail(self, after: int, limit: int = 500) -> list[Message]:
        """Return what was stored since: the next call's `after` is the last one's number."""
        return self.messages(after=after, limit=limit)

    def last(self) -> int:
        """Return the number of the latest message; 0 when there is none."""
        with _Snapshot(self._engine) as connection:
            return connection.scalar(select(func.max(_m.number))) or 0

    def message(self, identifier: str) -> Message | None:
        """Return the first message that was stored with this id, with its whole body."""
        found = self.messages_with_id(identifier, limit=1)
        return found[0] if found else None

    def messages_with_id(self, identifier: str, limit: int = 20) -> list[Message]:
        """Return every message that claimed this id, whole: more than one when it was replayed."""
        query = select(tables.messages).where(_m.id == identifier).order_by(_m.number).limit(limit)
        with _Snapshot(self._engine) as connection:
            return _with_verdicts(connection, list(connection.execute(query).mappings()))

    def message_ids(self, prefix: str, limit: int = 10) -> list[str]:
        """Return the ids that begin with a prefix."""
        return self._beginning(_m.id, prefix, limit)

    def tasks(self, state: str = "", limit: int = 100) -> list[Task]:
        """Return the latest tasks, the newest last."""
        table = tables.tasks
        query = select(table).order_by(table.c.opened_at.desc(), table.c.id.desc()).limit(limit)
        if state:
            query = query.where(table.c.state == state)
        with _Snapshot(self._engine) as connection:
            return [Task(**row) for row in connection.execute(query).mappings()][::-1]

    def task_ids(self, prefix: str, limit: int = 10) -> list[str]:
        """Return the ids of tasks that begin with a prefix."""
        return self._beginning(tables.tasks.c.id, prefix, limit)

    def task(self, identifier: str, limit: int = _MOST_OF_A_TASK) -> TaskStory | None:
        """Return a task with everything that was said in it, or None."""
        query = _listed().where(_m.task == identifier).order_by(_m.number).limit(limit + 1)
        with _Snapshot(self._engine) as connection:
            row = connection.execute(select(tables.tasks).where(tables.tasks.c.id == identifier)).mappings().first()
            if row is None:
                return None
            task = Task(**row)
            rows = list(connection.execute(query).mappings())
            messages = _with_verdicts(connection, rows[:limit])
            answer = _read_answer(connection, task)
        return TaskStory(task, answer, tuple(messages), make_tree(messages), truncated=len(rows) > limit)

    def approvals(self, state: str = "", limit: int = 100) -> list[Approval]:
        """Return the latest approvals, the newest last: all, or those in one state."""
        table = tables.approvals
        query = select(table).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
        if state:
            query = query.where(table.c.state == state)
        with _Snapshot(self._engine) as connection:
            return [Approval(**row) for row in connection.execute(query).mappings()][::-1]

    def approval(self, identifier: str) -> Approval | None:
        """Return the latest state of one approval, or None."""
        table = tables.approvals
        with _Snapshot(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.id == identifier)).mappings().first()
            return Approval(**row) if row is not None else None

    def approval_ids(self, prefix: str, limit: int = 10) -> list[str]:
        """Return the ids of approvals that begin with a prefix."""
        return self._beginning(tables.approvals.c.id, prefix, limit)

    def approval_states(self, identifier: str = "", message: str = "") -> list[Approval]:
        """Return every state that one approval, or the approvals of one message, went through, in order."""
        table = tables.approval_changes
        columns = [column for column in table.c if column.name not in {"link", "chain"}]
        query = select(*columns).order_by(table.c.link)
        if identifier:
            query = query.where(table.c.id == identifier)
        else:
            held = select(tables.approvals.c.id).where(tables.approvals.c.message == message)
            query = query.where(table.c.id.in_(held))
        with _Snapshot(self._engine) as connection:
            return [Approval(**row) for row in connection.execute(query).mappings()]

    def marks(self) -> tuple[MarkEntry, ...]:
        """Return what has flowed into each instance and store that outlives a task."""
        table = tables.marks.c
        query = select(table.owner, table.labels, table.causes, table.sources).order_by(table.owner)
        with _Snapshot(self._engine) as connection:
            return tuple([MarkEntry(*row) for row in connection.execute(query)])

    def shadows(self, message: str = "", revision: str = "", limit: int = 100) -> list[Shadow]:
        """Return where drafts would have said something else, the newest last."""
        table = tables.shadows
        query = select(table).order_by(table.c.number.desc()).limit(limit)
        for column, value in ((table.c.message, message), (table.c.revision, revision)):
            if value:
                query = query.where(column == value)
        with _Snapshot(self._engine) as connection:
            return [Shadow(**row) for row in connection.execute(query).mappings()][::-1]

    def _beginning(self, column: ColumnElement[str], prefix: str, limit: int) -> list[str]:
        query = select(column).distinct().where(*_begins(column, prefix)).order_by(column).limit(limit)
        with _Snapshot(self._engine) as connection:
            return list(connection.scalars(query))


class _Snapshot:
    """A connection in one read transaction; failures of the database become StoreUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def __enter__(self) -> Connection:
        try:
            self._connection = self._engine.connect()
        except DBAPIError as error:
            raise _unavailable(error) from error
        return self._connection

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self._connection is not None:
            self._connection.close()
        if isinstance(error, DBAPIError):
            raise _unavailable(error) from error


def make_tree(messages: Sequence[Message]) -> tuple[Node, ...]:
    """Arrange messages: below a message lie those whose parent or request it is.

    Parents are the senders' claims, so only what was stored before counts as one: the tree cannot hold a circle.
    """
    first: dict[str, int] = {}
    children: dict[int, list[Message]] = {}
    roots: list[Message] = []
    for message in messages:
        above = first.get(message.in_reply_to or message.parent)
        first.setdefault(message.id, message.number)
        if above is None:
            roots.append(message)
        else:
            children.setdefault(above, []).append(message)
    nodes: dict[int, Node] = {}
    for message in reversed(messages):  # children come after their parents, so they are made first
        below = tuple(nodes[child.number] for child in children.get(message.number, ()))
        nodes[message.number] = Node(message, below)
    return tuple(nodes[root.number] for root in roots)


def _listed() -> Select[Any]:
    short = [
        case((func.length(column) <= _LOADED_BODY, column), else_=literal(b"", LargeBinary)).label(column.name)
        for column in (_m.body, _m.sealed)
    ]
    return select(*(column for column in tables.messages.c if column.name not in {"body", "sealed"}), *short)


def _conditions(wanted: MessageFilter) -> Iterable[ColumnElement[bool]]:
    for name in ("task", "sender", "target", "kind", "outcome"):
        value = getattr(wanted, name)
        if value:
            yield tables.messages.c[name] == value
    if wanted.since:
        yield _m.at >= wanted.since


def _begins(column: ColumnElement[str], prefix: str) -> tuple[ColumnElement[bool], ...]:
    """Ids are hex digits, for which a range finds them in the index; LIKE alone would read the whole table."""
    begins = column.startswith(prefix, autoescape=True)
    if set(prefix) <= set("0123456789abcdef"):
        return begins, column >= prefix, column < f"{prefix}g"
    return (begins,)


def _with_verdicts(connection: Connection, rows: Sequence[RowMapping]) -> list[Message]:
    table = tables.verdicts
    found: dict[int, list[Verdict]] = {}
    numbers = [row["number"] for row in rows]
    for start in range(0, len(numbers), _CHUNK):
        query = (
            select(table)
            .where(table.c.message.in_(numbers[start : start + _CHUNK]))
            .order_by(table.c.message, table.c.position)
        )
        for row in connection.execute(query).mappings():
            found.setdefault(row["message"], []).append(_verdict(row))
    return [
        Message(**row, said=say(row["kind"], row["body"]), verdicts=tuple(found.get(row["number"], ()))) for row in rows
    ]


def _verdict(row: RowMapping) -> Verdict:
    return Verdict(
        layer=row["layer"],
        outcome=row["outcome"],
        code=row["code"],
        reason=row["reason"],
        rule=row["rule"],
        file=row["file"],
        line=row["line"],
        obligations=tuple(msgspec.json.decode(row["obligations"], type=list[str])),
        cost_us=row["cost_us"],
        facts=row["facts"],
    )


def _read_answer(connection: Connection, task: Task) -> str:
    if not task.answered_by:
        return ""
    query = select(_m.kind, _m.body).where(_m.id == task.answered_by, _m.task == task.id).order_by(_m.number).limit(1)
    row = connection.execute(query).first()
    return say(row.kind, row.body) if row is not None else ""


def _unavailable(error: DBAPIError) -> StoreUnavailable:
    return StoreUnavailable(" ".join(str(error.orig or error).split())[:300])
