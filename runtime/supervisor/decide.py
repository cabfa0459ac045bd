"""What to do with a child when something happens to it: a pure function, no clock, no processes."""

from dataclasses import dataclass, replace
from enum import StrEnum

from lictor.runtime.supervisor.child import ChildSpec, Restart
from lictor.runtime.supervisor.restart_intensity import add_restart, backoff


class State(StrEnum):
    """Where a child is in its life."""

    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting"
    """Ended, and to be started again after its backoff."""
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    """Given up."""


@dataclass(frozen=True, slots=True)
class Child:
    """A child as the supervisor knows it."""

    state: State = State.STOPPED
    restarts: tuple[float, ...] = ()
    """Moments of the restarts within the period."""
    total: int = 0
    """Restarts since the team was started."""
    reason: str = ""
    """Why it last ended."""


@dataclass(frozen=True, slots=True)
class Begun:
    """It is to be started, or started again."""


@dataclass(frozen=True, slots=True)
class Readied:
    """It does its work."""


@dataclass(frozen=True, slots=True)
class Ended:
    """It is gone without having been asked to go."""

    reason: str = ""
    """Empty when it ended well."""


@dataclass(frozen=True, slots=True)
class Dismissed:
    """It shall go and not come back."""


@dataclass(frozen=True, slots=True)
class Gone:
    """It is gone after it was asked to go."""


Event = Begun | Readied | Ended | Dismissed | Gone


@dataclass(frozen=True, slots=True)
class Start:
    """Start an instance."""

    after: float = 0.0
    """Seconds to wait first."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Ask the instance to end; drop a start that waits."""


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the enforcer that the principal is gone, so that nobody waits for it."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The child stays down; when it is significant, so does the team."""


Action = Start | Stop | Announce | GiveUp


def decide(  # noqa: PLR0911 -- one return for each row of the table in docs/states.md
    spec: ChildSpec, child: Child, event: Event, now: float, jitter: float = 0.0
) -> tuple[Child, tuple[Action, ...]]:
    """Return the child after the event and what to do, in order; `jitter` in [0, 1) is the backoff's."""
    match event:
        case Begun() if child.state in {State.STOPPED, State.FAILED, State.WAITING}:
            return replace(child, state=State.STARTING), (Start(),)
        case Readied() if child.state is State.STARTING:
            return replace(child, state=State.READY), ()
        case Ended(reason) if child.state in {State.STARTING, State.READY}:
            return _ended(spec, child, reason, now, jitter)
        case Dismissed() if child.state in {State.STARTING, State.READY}:
            return replace(child, state=State.STOPPING), (Stop(),)
        case Dismissed() if child.state is State.WAITING:
            return replace(child, state=State.STOPPED), (Stop(),)
        case Gone() | Ended() if child.state is State.STOPPING:
            return replace(child, state=State.STOPPED), (Announce(),)
    return child, ()


def _ended(spec: ChildSpec, child: Child, reason: str, now: float, jitter: float) -> tuple[Child, tuple[Action, ...]]:
    if spec.restart is Restart.TEMPORARY or (spec.restart is Restart.TRANSIENT and not reason):
        state = State.FAILED if reason else State.STOPPED
        give_up = (GiveUp(),) if reason else ()
        return replace(child, state=state, reason=reason), (Announce(), *give_up)
    restarts, exceeded = add_restart(child.restarts, now, spec.intensity, spec.period)
    if exceeded:
        told = f"{reason or 'ended'} (more than {spec.intensity} restarts in {spec.period:g} s)"
        return replace(child, state=State.FAILED, restarts=restarts, reason=told), (Announce(), GiveUp())
    wait = backoff(len(restarts), spec.backoff_first, spec.backoff_most, jitter)
    after = replace(child, state=State.WAITING, restarts=restarts, total=child.total + 1, reason=reason)
    return after, (Announce(), Start(wait))
