"""The audit chain: each message with its verdicts, and each state of an approval, hashed upon the one before.

    chain = SHA-256(previous chain || entry)

The entry is MessagePack, as `docs/audit.md` spells out: an array of the kind, the link, the row's values in the order
of the columns, and of a message its verdicts' rows. Large values stand in it by their SHA-256, so that a body may be
withheld or erased without breaking the proof.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec

from lictor.runtime.store import tables

MESSAGE: Final = "message"
APPROVAL: Final = "approval"
GENESIS: Final = bytes(32)
"""What the first link is hashed upon."""
NO_HASH: Final = sha256(b"").digest()
_CHAIN: Final = frozenset({"link", "chain"})

COLUMNS: Final = {
    MESSAGE: tuple(name for name in tables.messages.columns.keys() if name not in _CHAIN),  # noqa: SIM118 -- no mapping
    APPROVAL: tuple(name for name in tables.approval_changes.columns.keys() if name not in _CHAIN),  # noqa: SIM118
}
"""Columns of an entry's row, in their order."""
VERDICT_COLUMNS: Final = tuple(tables.verdicts.columns.keys())
LARGE: Final = {MESSAGE: ("body", "sealed"), APPROVAL: ("arguments",)}
"""Columns that stand in an entry by their SHA-256."""

_BODY: Final = COLUMNS[MESSAGE].index("body")
_SEALED: Final = COLUMNS[MESSAGE].index("sealed")
_ARGUMENTS: Final = COLUMNS[APPROVAL].index("arguments")
_encode: Final = msgspec.msgpack.Encoder().encode

Row = Sequence[Any]


def hash_value(value: bytes) -> bytes:
    """Return the SHA-256 of a large value."""
    return sha256(value).digest() if value else NO_HASH


def link_message(previous: bytes, link: int, row: Row, verdicts: Sequence[Row]) -> bytes:
    """Return the chain with a message; `row` has the values of COLUMNS, verdicts those of VERDICT_COLUMNS."""
    told = list(row)
    told[_BODY] = hash_value(row[_BODY])
    told[_SEALED] = hash_value(row[_SEALED])
    return sha256(previous + _encode((MESSAGE, link, told, verdicts))).digest()


def link_approval(previous: bytes, link: int, row: Row) -> bytes:
    """Return the chain with one state of an approval."""
    told = list(row)
    told[_ARGUMENTS] = hash_value(row[_ARGUMENTS])
    return sha256(previous + _encode((APPROVAL, link, told, ()))).digest()


def link_hashed(previous: bytes, kind: str, link: int, told: Row, verdicts: Sequence[Row]) -> bytes:
    """Return the chain with an entry whose large values are given as their SHA-256 already."""
    return sha256(previous + _encode((kind, link, told, verdicts))).digest()
