"""Extending the audit chain within the transaction that stores: where it stands, what is added, who signs it."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from lictor.runtime.store.audit.chain import GENESIS, link_approval, link_message
from lictor.runtime.store.audit.head import AuditKey, Head
from lictor.runtime.store.rows import Row

_KEEP_EVERY: Final = 1.0
"""Seconds between heads that are kept; those between them give way to the next."""
_LAST_MESSAGE: Final = "SELECT number, link, chain FROM messages ORDER BY number DESC LIMIT 1"
_LAST_CHANGE: Final = "SELECT link, chain FROM approval_changes ORDER BY link DESC LIMIT 1"


class Tail:
    """The end of the chain, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        message = connection.exec_driver_sql(_LAST_MESSAGE).first()
        change = connection.exec_driver_sql(_LAST_CHANGE).first()
        self.number: int = message[0] if message is not None else 0
        """Number of the last message."""
        self.link, self.chain = 0, GENESIS
        for found in (message[1:] if message is not None else None, change):
            if found is not None and found[0] > self.link:
                self.link, self.chain = found[0], bytes(found[1])
        self.began = self.link

    def add_message(self, row: Row, verdicts: list[Row]) -> Row:
        """Return a message's whole row, with its place in the chain."""
        self.link += 1
        self.chain = link_message(self.chain, self.link, row, verdicts)
        return (*row, self.link, self.chain)

    def add_approval(self, row: Row) -> Row:
        """Return the whole row of an approval's change."""
        self.link += 1
        self.chain = link_approval(self.chain, self.link, row)
        return (self.link, *row, self.chain)


class Signer:
    """Signs the chain at each commit; of its heads it keeps the latest, and about one for each second before."""

    def __init__(self, key: AuditKey, clock: Callable[[], float]) -> None:
        self._key = key
        self._clock = clock
        self._kept: tuple[int, float] | None = None

    def sign(self, tail: Tail) -> tuple[Head, int]:
        """Return the head of a tail, and the link behind which older heads give way to it."""
        head = self._key.sign(tail.link, tail.chain, self._clock())
        return head, tail.link if self._keeps(head) or self._kept is None else self._kept[0]

    def signed(self, head: Head) -> None:
        """Note that a head is stored."""
        if self._keeps(head):
            self._kept = (head.link, head.at_ms / 1000)

    def _keeps(self, head: Head) -> bool:
        return self._kept is None or not 0 <= head.at_ms / 1000 - self._kept[1] < _KEEP_EVERY
