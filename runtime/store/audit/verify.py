"""Verifying the audit chain: every entry hashed again, every head's signature checked, nothing missing between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lictor.runtime.store.audit.chain import GENESIS, MESSAGE
from lictor.runtime.store.audit.head import Head
from lictor.runtime.store.audit.linked import Linked

_MOST_PROBLEMS: Final = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at a link; 0 when it is wrong with the whole."""

    link: int
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was verified."""

    problems: tuple[Problem, ...]
    """The first 50."""
    messages: int
    approvals: int
    first: int
    """First link that was looked at; 0 when there was none."""
    last: int
    head: Head | None
    """The latest signed head."""
    keys: tuple[bytes, ...]
    """Public keys that signed, in the order in which they first did."""
    before: int = 0
    """Messages that are older than the chain."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


class Verifier:
    """Takes the entries one after the other.

    `start` is the head behind which they begin, None for the beginning of the chain; `heads` are what they must lead
    through, in order. `keys` are the keys that may have signed: none given means that any may, and the report tells.
    """

    def __init__(self, start: Head | None, heads: Sequence[Head], keys: Iterable[bytes] = ()) -> None:
        self._problems: list[Problem] = []
        self._chain = start.chain if start is not None else GENESIS
        self._link = self._start = start.link if start is not None else 0
        self._number = 0
        self._messages = self._approvals = 0
        self._heads = {head.link: head for head in heads}
        self._last_head = max(heads, key=lambda head: head.link, default=None)
        self._allowed = frozenset(keys)
        self._keys: dict[bytes, None] = {}
        for head in (*([start] if start is not None else []), *heads):
            self._check_head(head)

    def complain(self, link: int, what: str) -> None:
        """Note a problem."""
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(Problem(link, what))

    def take(self, entry: Linked) -> None:
        """Check one entry against the one before it."""
        if entry.link != self._link + 1:
            missing = f"{self._link + 1} to {entry.link - 1}" if entry.link > self._link + 1 else "out of order"
            self.complain(entry.link, f"the chain has a gap before it: {missing}")
        if entry.kind == MESSAGE:
            self._messages += 1
            self._check_number(entry)
        else:
            self._approvals += 1
        if name := entry.false_hash():
            self.complain(entry.link, f"its {name} was changed")
        if self._extended(entry) != entry.chain:
            self.complain(entry.link, "it was changed, or what stood before it was")
        head = self._heads.get(entry.link)
        if head is not None and head.chain != entry.chain:
            self.complain(entry.link, "the signed head says otherwise")
        self._link, self._chain = entry.link, entry.chain

    def report(self, before: int = 0, *, signed: bool = True) -> Report:
        """Return what was found; with `signed` the last entry must be covered by a head."""
        last = self._last_head
        if last is not None and last.link > self._link:
            self.complain(self._link, f"entries {self._link + 1} to {last.link} are missing: a signed head covers them")
        if signed and (last.link if last is not None else self._start) < self._link:
            reached = last.link if last is not None else self._start
            self.complain(reached + 1, f"no signed head covers the entries {reached + 1} to {self._link}")
        first = self._start + 1 if self._link > self._start else 0
        return Report(
            tuple(self._problems), self._messages, self._approvals, first, self._link, last, tuple(self._keys), before
        )

    def _check_head(self, head: Head) -> None:
        if not head.holds():
            self.complain(head.link, f"the head of {head.link} is not signed by the key that it names")
        elif self._allowed and head.key not in self._allowed:
            self.complain(head.link, f"the head of {head.link} is signed by another key: {head.key.hex()}")
        self._keys.setdefault(head.key)

    def _check_number(self, entry: Linked) -> None:
        number = entry.row["number"]
        if self._number and number != self._number + 1:
            self.complain(entry.link, f"message {number} follows message {self._number}")
        self._number = number

    def _extended(self, entry: Linked) -> bytes:
        try:
            return entry.extend(self._chain)
        except (TypeError, ValueError, OverflowError, RecursionError):
            return b""
