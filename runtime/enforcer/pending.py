"""Requests that were delivered and not yet answered, by the token in their reply address."""

from typing import Final

import msgspec

from lictor.protocols.envelope import Envelope
from lictor.protocols.patience import Patience

_NO_DEADLINE: Final = 600.0
_LONGEST: Final = 3600.0
_GRACE: Final = 1.0
_KEPT_BODY: Final = 2048
_LARGEST_ANSWER: Final = 33_554_432
_SMALLEST_PART: Final = 256


class Pending(msgspec.Struct, frozen=True, gc=False):
    """One delivered request."""

    request: Envelope
    """Without its body when that is large."""
    method: str
    until: float
    """Unix time in seconds after which no answer is taken."""


class PendingTable:
    """Keeps each delivered request until its last answer, its deadline, or the loss of its target.

    A token answers only for the principal it was delivered to: knowing another's token is of no use.
    Requests without a deadline are kept 600 s, none longer than 3600 s. Times are Unix seconds.
    `most` is how many requests of one sender may wait at a time. All parts of an answer together may have 32 MiB,
    each counting as 256 bytes at least: who waits keeps them.
    """

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self._kept: dict[str, Pending] = {}
        self._open: dict[str, int] = {}
        self._answered: dict[str, int] = {}
        self._patience: dict[str, Patience] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def is_full(self, sender: str) -> bool:
        """Tell whether as many requests of the sender wait as may."""
        return self._open.get(sender, 0) >= self.most

    def keep(self, token: str, request: Envelope, method: str, now: float) -> None:
        """Keep a request that is about to be delivered."""
        until = min(request.deadline or now + _NO_DEADLINE, now + _LONGEST) + _GRACE
        if len(request.body) > _KEPT_BODY:
            request = msgspec.structs.replace(request, body=b"")
        self._kept[token] = Pending(request, method, until)
        self._open[request.sender] = self._open.get(request.sender, 0) + 1

    def grow(self, request: str, size: int) -> bool:
        """Count a part of the answer to the request with this id; False when the answer is too large with it."""
        grown = self._answered.get(request, 0) + max(size, _SMALLEST_PART)
        self._answered[request] = grown
        return grown <= _LARGEST_ANSWER

    def find(self, token: str, answerer: str) -> Pending | None:
        """Return what `answerer` may answer with this token."""
        pending = self._kept.get(token)
        return pending if pending is not None and pending.request.target == answerer else None

    def take(self, token: str, answerer: str) -> Pending | None:
        """Return it and forget it: nothing more can be answered."""
        pending = self.find(token, answerer)
        if pending is not None:
            self._forget(token)
        return pending

    def chain(self, task: str, asker: str) -> list[tuple[str, Pending]]:
        """Return, with their tokens, the requests of a task that cannot be answered before `asker` goes on.

        Those are the ones that it was asked, the ones that their askers were asked, and so on up to the task's owner.
        """
        left = [(token, pending) for token, pending in self._kept.items() if task and pending.request.task == task]
        found: list[tuple[str, Pending]] = []
        waiting = {asker}
        while waiting:
            above = [item for item in left if item[1].request.target in waiting]
            left = [item for item in left if item not in above]
            found += above
            waiting = {pending.request.sender for _, pending in above}
        return found

    def hold(self, token: str, approval: str, until: float, now: float) -> None:
        """Let the time of a request stand still while an approval is waited for, `until` then at most."""
        pending = self._kept.get(token)
        if pending is not None:
            patience = self._patience.setdefault(token, Patience(pending.until))
            patience.hold(approval, until, now)
            self._kept[token] = msgspec.structs.replace(pending, until=patience.end)

    def resume(self, approval: str, now: float) -> list[Pending]:
        """Let the time of every request go on that an approval held up; return them."""
        resumed = []
        for token, patience in self._patience.items():
            if patience.resume(approval, now):
                pending = self._kept[token] = msgspec.structs.replace(self._kept[token], until=patience.end)
                resumed.append(pending)
        return resumed

    def take_of(self, target: str) -> list[Pending]:
        """Return and forget everything that waits for one target."""
        tokens = [token for token, pending in self._kept.items() if pending.request.target == target]
        return [self._forget(token) for token in tokens]

    def take_late(self, now: float) -> list[Pending]:
        """Return and forget everything whose deadline has passed."""
        tokens = [token for token, pending in self._kept.items() if pending.until < now]
        return [self._forget(token) for token in tokens]

    def _forget(self, token: str) -> Pending:
        pending = self._kept.pop(token)
        self._answered.pop(pending.request.id, None)
        self._patience.pop(token, None)
        sender = pending.request.sender
        left = self._open[sender] - 1
        if left:
            self._open[sender] = left
        else:
            del self._open[sender]
        return pending
