"""The conduct score: how a principal behaved of late, from what it sent itself."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lictor.guardrails.verdict import Outcome

_HALVED: Final = 300.0
"""Seconds in which half of what is held against a principal is forgiven."""
_MOST_HELD: Final = 1.5
_LEAST_HELD: Final = 0.01
_MOST: Final = 4096
_GOOD: Final = 0.98
"""What a good message leaves of what is held; at most one a second counts, so that nobody can wash itself clean."""
LOW: Final = 0.5
"""Below this a principal has fallen: it counts as no better until it is back above `RISEN`."""
RISEN: Final = 0.7
_STEP: Final = 0.05
_NONE: Final[Mapping[str, float]] = MappingProxyType({})

_WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "identify": 0.1,
        "admit": 0.02,
        "route": 0.07,
        "flow": 0.15,
        "content": 0.15,
        "behaviour": 0.07,
        "user": 0.07,
        "approval": 0.1,
    }
)
"""What a denial counts, by the first word of its code."""
_BLAMELESS: Final = frozenset(
    {
        "admit.hops",
        "admit.late",
        "admit.unanswered",
        "approval.expired",
        "behaviour.storm",
        "contract.forgotten",
        "identify.failed",
        "identify.future",
        "identify.stale",
        "identify.stale_task",
    }
)
"""Denials that clocks, others or the enforcer bring about: they say nothing of the sender."""
_QUARANTINED: Final = 0.7
_ANSWERED: Final = 0.1
"""What a denied answer counts of a denied message: whoever asks chooses much of what is answered."""
_USUAL: Final = 0.1
"""What a denial counts of one that is new."""
_MOST_ANSWERED: Final = 0.2
"""Most that answers hold against their sender: alone they bring nobody below any usual limit."""
_SIGNALS: Final[Mapping[str, float]] = MappingProxyType({"novelty": 0.005, "drift": 0.002, "extraction": 0.01})


class _Account:
    __slots__ = ("answered", "at", "credited", "fallen", "held")

    def __init__(self, now: float) -> None:
        self.held = 0.0
        self.answered = 0.0
        self.at = now
        self.credited = now
        self.fallen = False

    def now_held(self, now: float) -> float:
        passed = now - self.at
        if passed > 1.0:
            left = 0.5 ** (passed / _HALVED)
            self.held *= left
            self.answered *= left
            self.at = now
        return self.held + self.answered

    def hold(self, weight: float, now: float) -> None:
        self.now_held(now)
        self.held = min(self.held + weight, _MOST_HELD)

    def hold_answer(self, weight: float, now: float) -> None:
        self.now_held(now)
        self.answered = min(self.answered + weight * _ANSWERED, _MOST_ANSWERED)

    def credit(self, now: float) -> None:
        self.now_held(now)
        self.held *= _GOOD
        self.answered *= _GOOD
        self.credited = now


class ConductLedger:
    """Keeps what is held against principals; of whom nothing is held, nothing is kept.

    Only a principal's own messages count, and the broker vouches for the sender: nobody can lower another's score.
    What is sent to a principal, what others of its task do and what the enforcer fails at is not held against it, and
    little of what it answers.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._accounts: dict[str, _Account] = {}

    def score(self, principal: str, now: float) -> float:
        """Return the score, from 0 to 1 (nothing held) in steps of 0.05."""
        account = self._accounts.get(principal)
        if account is None:
            return 1.0
        held = account.now_held(now)
        if held < _LEAST_HELD:
            del self._accounts[principal]
            return 1.0
        exact = max(0.0, 1.0 - held)
        if account.fallen:
            account.fallen = exact < RISEN
        else:
            account.fallen = exact < LOW
        return round(round((min(exact, LOW) if account.fallen else exact) / _STEP) * _STEP, 2)

    def note(
        self,
        principal: str,
        outcome: Outcome,
        signals: Mapping[str, float] = _NONE,
        now: float = 0.0,
        code: str = "",
        *,
        answers: bool = False,
        usual: bool = False,
    ) -> None:
        """Note how one message of the principal was judged; `code` is that of the verdict that decided.

        `answers` tells that it was an answer: those count a tenth, and 0.2 in all. `usual` tells that the same was
        denied in an earlier task: that counts a tenth, because it is how the agent is made and not what it is up to.
        """
        if outcome < Outcome.DENY:
            if principal in self._accounts or signals:
                self._note_passed(principal, signals, now, answers=answers)
            return
        weight = weigh(code)
        if outcome is Outcome.QUARANTINE:
            weight = max(weight, _QUARANTINED)
        if weight:
            self._hold(principal, weight * _USUAL if usual else weight, now, answers=answers)

    def forget(self, principal: str) -> None:
        """Hold nothing against a principal any more: an operator has said so."""
        self._accounts.pop(principal, None)

    def listing(self, now: float) -> dict[str, float]:
        """Return the scores of all that are below 1."""
        found = {principal: self.score(principal, now) for principal in tuple(self._accounts)}
        return {principal: score for principal, score in sorted(found.items()) if score < 1.0}

    def _note_passed(self, principal: str, signals: Mapping[str, float], now: float, *, answers: bool) -> None:
        weight = sum([_SIGNALS.get(name, 0.0) for name in signals]) if signals else 0.0
        if weight:
            self._hold(principal, weight, now, answers=answers)
            return
        account = self._accounts.get(principal)
        if account is not None and now - account.credited >= 1.0:
            account.credit(now)

    def _hold(self, principal: str, weight: float, now: float, *, answers: bool) -> None:
        account = self._accounts.get(principal)
        if account is None:
            if len(self._accounts) >= self._most:
                self._make_room(now)
            account = self._accounts[principal] = _Account(now)
        if answers:
            account.hold_answer(weight, now)
        else:
            account.hold(weight, now)

    def _make_room(self, now: float) -> None:
        """Forget the better half, so that no crowd of new names can push out what is held against an old one."""
        ordered = sorted(self._accounts.items(), key=lambda item: item[1].now_held(now), reverse=True)
        self._accounts = dict(ordered[: self._most // 2])


def weigh(code: str) -> float:
    """Return what a denial with this code counts, from 0 to 1."""
    if code in _BLAMELESS or code.endswith(".failed"):
        return 0.0
    return _WEIGHTS.get(code.partition(".")[0], 0.05 if code and not code.startswith("record.") else 0.0)
