"""One entry of the audit chain as it is read back, from the database or from an export."""

from dataclasses import dataclass
from typing import Any

from lictor.runtime.store.audit.chain import COLUMNS, LARGE, VERDICT_COLUMNS, hash_value, link_hashed


@dataclass(frozen=True, slots=True)
class Linked:
    """One message with its verdicts, or one state of an approval, and its place in the chain."""

    kind: str
    link: int
    row: dict[str, Any]
    """By column; a large value that was withheld is None."""
    verdicts: tuple[dict[str, Any], ...]
    hashes: dict[str, bytes]
    """SHA-256 of each large value, by column."""
    chain: bytes
    """As it was stored."""

    def extend(self, previous: bytes) -> bytes:
        """Return what the chain must be with this entry behind `previous`."""
        told = [self.hashes.get(name, self.row[name]) for name in COLUMNS[self.kind]]
        verdicts = [[verdict[name] for name in VERDICT_COLUMNS] for verdict in self.verdicts]
        return link_hashed(previous, self.kind, self.link, told, verdicts)

    def false_hash(self) -> str:
        """Return the column whose value is not what its hash says; empty when there is none."""
        return next(
            (
                name
                for name in LARGE[self.kind]
                if self.row[name] is not None and _hash(self.row[name]) != self.hashes[name]
            ),
            "",
        )


def hash_row(kind: str, row: dict[str, Any]) -> dict[str, bytes]:
    """Return the SHA-256 of a row's large values, by column; what is no bytes any more has none."""
    return {name: _hash(row[name]) for name in LARGE[kind]}


def _hash(value: object) -> bytes:
    return hash_value(value) if isinstance(value, bytes) else b""
