"""Reading the audit chain from the database: in its order, in pieces, within one snapshot."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, func, select

from lictor.runtime.store import tables
from lictor.runtime.store.audit.chain import APPROVAL, COLUMNS, MESSAGE
from lictor.runtime.store.audit.head import Head
from lictor.runtime.store.audit.linked import Linked, hash_row

_PIECE: Final = 500

_m: Final = tables.messages.c
_c: Final = tables.approval_changes.c
_h: Final = tables.heads.c


class Trail:
    """The chain as one connection sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self) -> int:
        """Return the last link; 0 for an empty chain."""
        message = self._connection.scalar(select(_m.link).order_by(_m.number.desc()).limit(1)) or 0
        return max(message, self._connection.scalar(select(func.max(_c.link))) or 0)

    def before(self) -> int:
        """Return how many messages are older than the chain, and not protected by it."""
        return self._connection.scalar(select(func.count()).where(_m.link <= 0)) or 0

    def heads(self) -> list[Head]:
        """Return every signed head, in order."""
        query = select(_h.link, _h.chain, _h.at_ms, _h.key, _h.signature).order_by(_h.link)
        return [Head(*row) for row in self._connection.execute(query)]

    def head_before(self, at: float) -> Head | None:
        """Return the last head that was signed at or before a Unix time; None when the chain begins later."""
        return self._head(_h.at_ms <= int(at * 1000), _h.link.desc())

    def head_after(self, at: float) -> Head | None:
        """Return the first head that was signed at or after a Unix time."""
        return self._head(_h.at_ms >= int(at * 1000), _h.link)

    def last_head(self) -> Head | None:
        """Return the latest head; None when nothing is signed."""
        return self._head(_h.link > 0, _h.link.desc())

    def read(self, after: int = 0, to: int | None = None) -> Iterator[Linked]:
        """Yield the entries behind a link, up to another, in order."""
        changes = self._changes(after)
        change = next(changes, None)
        for message in self._messages(after):
            while change is not None and change.link < message.link:
                if to is not None and change.link > to:
                    return
                yield change
                change = next(changes, None)
            if to is not None and message.link > to:
                return
            yield message
        while change is not None and (to is None or change.link <= to):
            yield change
            change = next(changes, None)

    def approvals(self) -> dict[str, dict[str, Any]]:
        """Return the latest state of each approval as it is kept beside the chain."""
        rows = self._connection.execute(select(tables.approvals)).mappings()
        return {row["id"]: dict(row) for row in rows}

    def _head(self, condition: Any, order: Any) -> Head | None:  # noqa: ANN401 -- of SQLAlchemy, whose types are wide
        query = select(_h.link, _h.chain, _h.at_ms, _h.key, _h.signature).where(condition).order_by(order).limit(1)
        row = self._connection.execute(query).first()
        return Head(*row) if row is not None else None

    def _messages(self, after: int) -> Iterator[Linked]:
        number = self._number_of(after) if after else 0
        while True:
            query = select(tables.messages).where(_m.number > number, _m.link > 0).order_by(_m.number).limit(_PIECE)
            rows = list(self._connection.execute(query).mappings())
            if not rows:
                return
            verdicts = self._verdicts(number, rows[-1]["number"])
            for row in rows:
                number = row["number"]
                if row["link"] > after:
                    yield _linked(MESSAGE, row, tuple(verdicts.get(number, ())))

    def _verdicts(self, after: int, to: int) -> dict[int, list[dict[str, Any]]]:
        table = tables.verdicts
        query = (
            select(table)
            .where(table.c.message > after, table.c.message <= to)
            .order_by(table.c.message, table.c.position)
        )
        found: dict[int, list[dict[str, Any]]] = {}
        for row in self._connection.execute(query).mappings():
            found.setdefault(row["message"], []).append(dict(row))
        return found

    def _changes(self, after: int) -> Iterator[Linked]:
        while True:
            query = select(tables.approval_changes).where(_c.link > after).order_by(_c.link).limit(_PIECE)
            rows = list(self._connection.execute(query).mappings())
            if not rows:
                return
            for row in rows:
                after = row["link"]
                yield _linked(APPROVAL, row, ())

    def _number_of(self, link: int) -> int:
        """Return a number at or before that of the last message up to a link; there is no index on links.

        Messages and changes share the links, so that far from the end as many messages follow as links that are not
        changes: fewer where rows are missing, which is for the verifier to find.
        """
        last = self._connection.execute(select(_m.number, _m.link).order_by(_m.number.desc()).limit(1)).first()
        if last is None:
            return 0
        later = self._connection.scalar(select(func.count()).where(_c.link > link, _c.link <= last.link)) or 0
        return max(0, int(last.number - (last.link - link - later) - 1))


def _linked(kind: str, row: RowMapping, verdicts: tuple[dict[str, Any], ...]) -> Linked:
    told = {name: row[name] for name in COLUMNS[kind]}
    return Linked(kind, row["link"], told, verdicts, hash_row(kind, told), row["chain"])
