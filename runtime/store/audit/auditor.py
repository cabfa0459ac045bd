"""The audit of one open record: its head, an export, and the verification in place."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from lictor.runtime.store.audit.chain import APPROVAL
from lictor.runtime.store.audit.export import check_anchors, write_export
from lictor.runtime.store.audit.head import Head
from lictor.runtime.store.audit.trail import Trail
from lictor.runtime.store.audit.verify import Report, Verifier
from lictor.runtime.store.failures import StoreError, StoreUnavailable


class NothingSigned(StoreError):
    """Raised when the chain has no signed head in what is asked for."""


def _is_later(row: dict[str, Any], before: dict[str, Any] | None) -> bool:
    """Tell whether a state takes the place of the one before, as the writer decides it."""
    if before is None:
        return True
    at, then = row["at"], before["at"]
    return isinstance(at, float) and isinstance(then, float) and at >= then


class Auditor:
    """Reads the audit chain; safe across threads. Raises StoreUnavailable when there is no database."""

    def __init__(self, engine: Engine, place: str = "") -> None:
        self._engine = engine
        self.place = place
        """What tells this record from others."""

    def head(self) -> Head | None:
        """Return the latest signed head; None when nothing is signed."""
        with self._trail() as trail:
            return trail.last_head()

    def export(self, since: float = 0.0, until: float | None = None, *, bodies: bool = True) -> Iterator[bytes]:
        """Yield the lines of an export, in one snapshot; times are Unix seconds.

        It begins behind the last head signed before `since` and ends with the first head signed after `until`, so it
        holds at least what was asked for. Raises NothingSigned.
        """
        with self._trail() as trail:
            start = trail.head_before(since) if since else None
            end = (trail.head_after(until) if until is not None else None) or trail.last_head()
            if end is None or (start is not None and end.link <= start.link):
                raise NothingSigned("nothing that was signed lies in that time: there is nothing to export")
            entries = trail.read(start.link if start is not None else 0, end.link)
            yield from write_export(start, end, entries, bodies=bodies)

    def verify(self, keys: Iterable[bytes] = (), anchors: Iterable[Head] = ()) -> Report:
        """Verify the whole chain in place; whatever is wrong is in the report."""
        with self._trail() as trail:
            verifier = Verifier(None, trail.heads(), keys)
            kept = {anchor.link: anchor for anchor in anchors}
            check_anchors(verifier, kept.values(), None, trail.last())
            began = 0
            approvals: dict[str, dict[str, Any]] = {}
            for entry in trail.read():
                began = began or entry.row.get("number", 0)
                verifier.take(entry)
                if entry.kind == APPROVAL and _is_later(entry.row, approvals.get(entry.row["id"])):
                    approvals[entry.row["id"]] = entry.row
                anchor = kept.get(entry.link)
                if anchor is not None and anchor.chain != entry.chain:
                    verifier.complain(entry.link, "the head that was kept elsewhere says otherwise")
            before = trail.before()
            if began and before != began - 1:
                verifier.complain(
                    0, f"{before} messages stand outside the chain; before it began there were {began - 1}"
                )
            kept_states = trail.approvals()
            for identifier in sorted(approvals.keys() | kept_states.keys()):
                if approvals.get(identifier) != kept_states.get(identifier):
                    verifier.complain(0, f"approval {identifier} is not in the state that its last change says")
            return verifier.report(before)

    @contextmanager
    def _trail(self) -> Iterator[Trail]:
        try:
            with self._engine.connect() as connection:
                yield Trail(connection)
        except DBAPIError as error:
            raise StoreUnavailable(" ".join(str(error.orig or error).split())[:300]) from error
