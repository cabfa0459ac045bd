"""The table of what is held: bounded, in time and in number, so that nobody is tired into saying yes."""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

import msgspec

from lictor.guardrails.approvals.digest import Deed
from lictor.guardrails.approvals.held import Change, Decided, Held, Waiting
from lictor.protocols.identifiers import new_id

_REMEMBERED: Final = 5000
_MOST_ALIKE: Final = 8
_MOST_TASKS: Final = 10_000


class ApprovalLimits(msgspec.Struct, frozen=True):
    """How much may wait, and how long."""

    timeout: float = 600.0
    """Seconds until what nobody answers is denied."""
    most: int = 20
    """Actions of one sender that may wait at a time."""
    most_in_all: int = 200
    most_of_task: int = 20
    """Different actions that one task may ask for within `period`, decided or not."""
    period: float = 3600.0
    """Seconds."""
    most_bytes: int = 64_000_000
    """Of all that waits together."""
    most_bytes_of_sender: int = 8_000_000
    unanswered: float = 2.0
    """How many times its own timeout a task may have waited within `period` for what nobody answered."""


class NotHeld(Exception):
    """Raised when a message cannot wait: it is denied, and this says why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Undecided(Exception):
    """Raised when an approval cannot be decided like that; nothing was changed."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class ApprovalTable:
    """Keeps what waits and, for a while, how it ended. Times are Unix seconds; nothing here reads a clock.

    `timeout` tells how long calls of one tool wait, in seconds; left out, all wait as long as the limits say.
    """

    def __init__(self, limits: ApprovalLimits | None = None, timeout: Callable[[str], float] | None = None) -> None:
        self.limits = limits or ApprovalLimits()
        self._timeout = timeout or (lambda _tool: self.limits.timeout)
        self._held: dict[str, Held] = {}
        self._by_deed: dict[tuple[str, str], str] = {}
        self._ended: OrderedDict[str, Decided] = OrderedDict()
        self._denied: dict[tuple[str, str], str] = {}
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._unanswered: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """For each task, the seconds that it has waited in vain, and until when."""

    def __len__(self) -> int:
        return len(self._held)

    def all(self) -> list[Held]:
        """Return what waits, by the time that is left."""
        return sorted(self._held.values(), key=lambda held: (held.until, held.id))

    def hold(self, waiting: Waiting, deed: Deed, now: float) -> Held:
        """Have a message wait; the same action of the same sender and task waits with the one before.

        Raises NotHeld: `approval.full` when too much waits, `approval.often` when the task asks for too much, or nobody
        answers what it asks,
        `approval.denied` when this very action was denied in this task before, `approval.repeated` when the same
        waits too often already.
        """
        self._refuse_again(deed)
        identifier = self._by_deed.get(_key(deed))
        size = _size(waiting)
        if identifier is not None:
            held = self._held[identifier]
            if len(held.messages) >= _MOST_ALIKE:
                reason = f"the same waits {_MOST_ALIKE} times already, for approval {identifier}"
                raise NotHeld("approval.repeated", reason)
            self._fit(deed.sender, size)
            held = msgspec.structs.replace(held, messages=(*held.messages, waiting))
            self._held[identifier] = held
            return held
        timeout = self._timeout(deed.tool)
        self._make_room(deed, size + len(deed.arguments) + len(deed.rest), timeout, now)
        held = Held(
            id=new_id(now),
            deed=deed,
            messages=(waiting,),
            why=waiting.judgement.deciding,
            since=now,
            until=now + timeout,
        )
        self._held[held.id] = held
        self._by_deed[_key(deed)] = held.id
        return held

    def find(self, identifier: str, digest: str, now: float) -> Held:
        """Return what waits under this id, if it still is the action with this digest.

        Raises Undecided: `approval.unknown`, `approval.decided`, `approval.expired`, `approval.changed`.
        """
        held = self.look(identifier, now)
        if digest == held.deed.digest:
            return held
        seen = next((change for change in held.changes if change.digest == digest), None)
        if seen is None:
            reason = f"approval {identifier} is for another action: its digest is {held.deed.digest}"
        else:
            last = held.changes[-1]
            reason = (
                f"the action has changed since you saw it: {last.by} edited the arguments from "
                f"{_short(seen.arguments)} to {_short(held.deed.arguments)}; its digest is {held.deed.digest} now"
            )
        raise Undecided("approval.changed", reason)

    def look(self, identifier: str, now: float) -> Held:
        """Return what waits under this id; raises Undecided when nothing does."""
        held = self._held.get(identifier)
        if held is not None and held.until > now:
            return held
        ended = self._ended.get(identifier)
        if ended is not None and ended.state != "expired":
            by = f" by {ended.by}" if ended.by else ""
            note = f": {ended.note}" if ended.note else ""
            raise Undecided("approval.decided", f"approval {identifier} was {ended.state}{by} already{note}")
        if ended is not None and ended.by:
            raise Undecided("approval.changed", f"approval {identifier} waits no longer: {ended.note}")
        if held is not None or ended is not None:
            raise Undecided("approval.expired", f"approval {identifier} has expired: nobody answered it in time")
        raise Undecided("approval.unknown", f"nothing waits for approval {identifier}")

    def agree(self, identifier: str, approver: str) -> Held:
        """Note that one person has approved what needs more than one."""
        held = self._held[identifier]
        if approver not in held.agreed:
            held = self._held[identifier] = msgspec.structs.replace(held, agreed=(*held.agreed, approver))
        return held

    @staticmethod
    def preview(held: Held, waiting: Waiting, deed: Deed, approver: str, now: float) -> Held:
        """Return what would wait if the action were edited: nobody's approval counts for it any more."""
        change = Change(held.deed.digest, held.deed.arguments, approver, now, held.deed.likeness)
        return msgspec.structs.replace(
            held,
            deed=deed,
            messages=(*held.messages[:-1], waiting),
            agreed=(),
            changes=(*held.changes, change),
        )

    def amend(self, amended: Held) -> None:
        """Have an edited action wait in place of the one before."""
        before = self._held[amended.id]
        self._held[amended.id] = amended
        # Whoever asks for the action before now asks for something else than what waits here.
        self._by_deed.pop(_key(before.deed), None)
        self._by_deed.setdefault(_key(amended.deed), amended.id)

    def end(self, identifier: str, state: str, by: str, now: float, note: str = "") -> Held:
        """Take what waits out of the table and return it; how it ended is remembered."""
        held = self._held.pop(identifier)
        if self._by_deed.get(_key(held.deed)) == identifier:
            del self._by_deed[_key(held.deed)]
        ended = Decided(state, by, note, _likenesses(held))
        self._ended[identifier] = ended
        if state == "denied":
            self._denied.update(dict.fromkeys(ended.keys, identifier))
        if state == "expired" and not by and held.deed.task:
            self._note_unanswered(held, now)
        while len(self._ended) > _REMEMBERED:
            gone, oldest = self._ended.popitem(last=False)
            for key in oldest.keys:
                if self._denied.get(key) == gone:
                    del self._denied[key]
        return held

    def late(self, now: float) -> list[Held]:
        """Return what nobody has answered in time, and is to be ended."""
        return [held for held in self.all() if held.until <= now]

    def _refuse_again(self, deed: Deed) -> None:
        before = self._denied.get((deed.task, deed.likeness))
        if before is None:
            return
        ended = self._ended[before]
        note = f": {ended.note}" if ended.note else ""
        reason = f"the same was denied in this task before, by {ended.by} (approval {before}){note}"
        raise NotHeld("approval.denied", reason)

    def _make_room(self, deed: Deed, size: int, timeout: float, now: float) -> None:
        limits = self.limits
        if len(self._held) >= limits.most_in_all:
            raise NotHeld("approval.full", f"{limits.most_in_all} actions wait for an approval already")
        if sum(held.deed.sender == deed.sender for held in self._held.values()) >= limits.most:
            reason = f"{limits.most} actions of {deed.sender} wait for an approval already"
            raise NotHeld("approval.full", reason)
        self._fit(deed.sender, size)
        self._require_answers(deed.task, timeout, now)
        asked = self._asked.setdefault(deed.task or deed.sender, deque())
        self._asked.move_to_end(deed.task or deed.sender)
        while asked and asked[0] <= now - limits.period:
            asked.popleft()
        if len(asked) >= limits.most_of_task:
            whose = "the task" if deed.task else deed.sender
            reason = (
                f"{whose} has asked for approval of {limits.most_of_task} different actions within "
                f"{limits.period:g} s: it may not tire people into saying yes"
            )
            raise NotHeld("approval.often", reason)
        asked.append(now)
        while len(self._asked) > _MOST_TASKS:
            self._asked.popitem(last=False)

    def _fit(self, sender: str, size: int) -> None:
        limits = self.limits
        sizes = [(held.deed.sender, _weight(held)) for held in self._held.values()]
        if sum(weight for _, weight in sizes) + size > limits.most_bytes:
            raise NotHeld("approval.full", f"{limits.most_bytes} bytes wait for an approval already")
        if sum(weight for each, weight in sizes if each == sender) + size > limits.most_bytes_of_sender:
            reason = f"{limits.most_bytes_of_sender} bytes of {sender} wait for an approval already"
            raise NotHeld("approval.full", reason)

    def _require_answers(self, task: str, timeout: float, now: float) -> None:
        """Refuse a task whose callers have waited long enough for people who are not there."""
        waited, last = self._unanswered.get(task, (0.0, 0.0))
        if waited and last <= now - self.limits.period:
            del self._unanswered[task]
        elif waited and waited >= self.limits.unanswered * timeout:
            reason = f"nobody has answered what the task asked for, {waited:g} s by now: its callers wait no longer"
            raise NotHeld("approval.often", reason)

    def _note_unanswered(self, held: Held, now: float) -> None:
        """Count the time of one that nobody answered; what waited beside another is counted once."""
        task = held.deed.task
        waited, last = self._unanswered.pop(task, (0.0, 0.0))
        self._unanswered[task] = (waited + max(0.0, now - max(held.since, last)), now)
        while len(self._unanswered) > _MOST_TASKS:
            self._unanswered.popitem(last=False)


def _key(deed: Deed) -> tuple[str, str]:
    """Return what makes two asks one: the digest holds the sender and the task."""
    return deed.task, deed.digest


def _likenesses(held: Held) -> tuple[tuple[str, str], ...]:
    found = (*(change.likeness for change in held.changes), held.deed.likeness)
    return tuple((held.deed.task, likeness) for likeness in dict.fromkeys(found))


def _size(waiting: Waiting) -> int:
    facts = sum(len(verdict.facts) for verdict in waiting.judgement.verdicts)
    return len(waiting.envelope.body) + len(waiting.sealed) + facts


def _weight(held: Held) -> int:
    own = len(held.deed.arguments) + len(held.deed.rest) + sum(len(change.arguments) for change in held.changes)
    return own + sum(_size(waiting) for waiting in held.messages)


def _short(arguments: bytes) -> str:
    text = arguments.decode(errors="replace")
    return text if len(text) <= 200 else f"{text[:200]}…"
