"""One task as its agent sees it: what was asked, what came with it, and how long anybody waits."""

from dataclasses import dataclass, field
from typing import Final

from lictor.protocols.a2a.reading import Citation
from lictor.protocols.mesh import Thread
from lictor.protocols.patience import Patience

_MOST_MARGIN: Final = 2.0
_MARGIN_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Assignment:
    """One task."""

    question: str
    citations: tuple[Citation, ...] = ()
    """Passages that the caller sent along."""
    thread: Thread = field(default_factory=Thread)
    """Passed on with every message that the task causes."""
    until: float = 0.0
    """Unix time in seconds at which the agent gives up, as it is set at first; see `give_up_at`."""
    delegated: bool = False
    """Whether another agent asks, and not a person."""
    streams: bool = False
    """Whether the caller reads the answer while it is written."""

    patience: Patience | None = None
    """The same as a clock, which stands still while an approval is waited for; None where it never does."""

    def left(self, now: float) -> float:
        """Return the seconds that are left, never below 0."""
        return self.patience.left(now) if self.patience is not None else max(0.0, self.until - now)


def give_up_at(now: float, deadline: float, *limits: float) -> float:
    """Return when an agent gives up, as Unix time: at the shortest limit, or a little before the caller's deadline.

    A tenth of what is left, at most 2 s, is kept so that the failure still reaches the caller. `deadline` 0 means
    that there is none; limits are in seconds.
    """
    times = [now + limit for limit in limits]
    if deadline:
        times.append(deadline - min(_MOST_MARGIN, max(0.0, deadline - now) * _MARGIN_SHARE))
    return min(times)
