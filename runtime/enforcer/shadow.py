"""The shadow: a draft of the policy that judges live messages beside the active one, without effect and off their way.

Judged messages are only put aside while they are mediated; the draft is asked between two reads of the bus.
"""

from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

from lictor.guardrails.judged import Judged
from lictor.guardrails.policy.engine import PolicyEngine
from lictor.guardrails.policy.hindsight import Again, Hindsight, strictest
from lictor.guardrails.policy.question import Field, Question
from lictor.guardrails.verdict import Verdict
from lictor.protocols.record import ShadowEntry

_MOST_WAITING: Final = 2000
_SLICE: Final = 0.002
_LONGEST_STRIDE: Final = 1024
_VOLATILE: Final = frozenset({"usage"})
"""Fields that have moved on when the draft is asked: they count only as the active bundle's question recorded them."""


class Shadow:
    """Asks at most one draft at a time.

    Beyond `most` messages that wait, one of two is put aside, then one of four, and so on; what is left out is counted.
    """

    def __init__(
        self, question: Question, *, most: int = _MOST_WAITING, clock: Callable[[], float] = perf_counter
    ) -> None:
        self._question = question
        self._most = most
        self._clock = clock
        self._hindsight: Hindsight | None = None
        self._fields: tuple[Field, ...] = ()
        self._waiting: deque[Judged] = deque()
        self._stride = 1
        self._turn = 0
        self.judged = self.differed = self.skipped = self.failed = 0
        self._unknown: dict[str, int] = {}

    @property
    def busy(self) -> bool:
        """Whether messages wait for the draft."""
        return bool(self._waiting)

    def start(self, draft: PolicyEngine) -> None:
        """Ask a draft from the next message on, in the place of any before it."""
        self.stop()
        self._hindsight = Hindsight(draft)
        paths = [path for stage in draft.fields.values() for path in stage]
        self._fields = tuple(field for field in self._question.fields(paths) if field.name not in _VOLATILE)

    def stop(self) -> None:
        """Ask nothing more and forget what waits."""
        self._hindsight = None
        self._waiting.clear()
        self._stride, self._turn = 1, 0
        self.judged = self.differed = self.skipped = self.failed = 0
        self._unknown = {}

    def witness(self, judged: Judged) -> None:
        """Put a judged message aside; never raises, and does nothing while there is no draft."""
        if self._hindsight is None:
            return
        self._turn += 1
        if len(self._waiting) >= self._most:
            self._stride = min(self._stride * 2, _LONGEST_STRIDE)
            self.skipped += 1
        elif self._turn % self._stride:
            self.skipped += 1
        else:
            self._waiting.append(judged)

    def work(self, seconds: float = _SLICE) -> tuple[ShadowEntry, ...]:
        """Ask the draft about what waits, for so long at most; return what differs, for the record."""
        if self._hindsight is None or not self._waiting:
            return ()
        until = self._clock() + seconds
        found: list[ShadowEntry] = []
        while self._waiting:
            entry = self._look(self._hindsight, self._waiting.popleft())
            if entry is not None:
                found.append(entry)
            if self._clock() >= until:
                break
        if not self._waiting:
            self._stride = max(1, self._stride // 2)
        return tuple(found)

    def tell(self) -> dict[str, Any]:
        """Return how it stands, as JSON holds it."""
        return {
            "revision": self._hindsight.revision if self._hindsight is not None else "",
            "judged": self.judged,
            "differ": self.differed,
            "skipped": self.skipped,
            "failed": self.failed,
            "waiting": len(self._waiting),
            "not_recorded": dict(sorted(self._unknown.items())),
        }

    def _look(self, hindsight: Hindsight, judged: Judged) -> ShadowEntry | None:
        said = judged.judgement.verdicts
        try:
            known = {each.name: each.show(each.read(judged.envelope, judged.circumstances)) for each in self._fields}
            again = hindsight.ask(said, known)
        except Exception:  # whatever a draft does, it must not hold up the policy that counts
            self.failed += 1
            return None
        if again is None:
            return None
        self.judged += 1
        for name in again.unknown:
            self._unknown[name] = self._unknown.get(name, 0) + 1
        before = strictest(said)
        if before is None or not _differs(before, again, said):
            return None
        self.differed += 1
        new = again.deciding
        return ShadowEntry(
            judged.envelope.id,
            hindsight.revision,
            new.layer,
            again.outcome.word,
            new.code,
            new.reason,
            new.rule,
            new.file,
            new.line,
        )


def _differs(before: Verdict, again: Again, said: tuple[Verdict, ...]) -> bool:
    if before.outcome is not again.outcome or before.code != again.deciding.code:
        return True
    old = {word for verdict in said for word in verdict.obligations}
    return old != {word for verdict in again.verdicts for word in verdict.obligations}
