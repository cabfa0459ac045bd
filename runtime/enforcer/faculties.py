"""What the mediation can do beside asking its layers. Without a faculty nothing passes that needs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lictor.guardrails.judged import Witness
from lictor.guardrails.labels import UNMARKED, Mark
from lictor.protocols.envelope import Envelope
from lictor.protocols.record import MarkEntry, ShadowEntry
from lictor.runtime.enforcer.operations.operation import Operation


class NoFaculty(Exception):
    """Raised when the policy obliges to something that this enforcer cannot do; the message is denied."""


def _unmarked(_envelope: Envelope, _request: Envelope | None) -> Mark:
    return UNMARKED


def _spotless(_principal: str, _now: float) -> float:
    return 1.0


def _no_redaction(_body: bytes, _classes: Sequence[str]) -> tuple[bytes, bytes]:
    raise NoFaculty("something has to be redacted, and there is no guard that can")


def _no_marks() -> tuple[MarkEntry, ...]:
    return ()


def _forget(_marks: Sequence[MarkEntry]) -> None:
    """Take nothing over."""


def _ignore(_principal: str) -> None:
    """Let nothing follow from it."""


def _wait(_now: float) -> None:
    """Have nothing to do meanwhile."""


def _no_shadows() -> tuple[ShadowEntry, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Faculties:
    """Functions, so that the mediation depends on no guard."""

    mark_of: Callable[[Envelope, Envelope | None], Mark] = _unmarked
    """Returns the labels of a message that is about to be judged, with what it answers if anything."""
    conduct_of: Callable[[str, float], float] = _spotless
    """Returns how a principal has behaved by now, from 0 to 1 in steps of 0.05."""
    witnesses: Sequence[Witness] = ()
    """Are told of every judged message, before anything of it is published."""
    redact: Callable[[bytes, Sequence[str]], tuple[bytes, bytes]] = _no_redaction
    """Returns a body without what is of these classes, and what was taken out, sealed."""
    marks: Callable[[], tuple[MarkEntry, ...]] = _no_marks
    """Returns the marks that have changed since it was last asked, for the record."""
    restore: Callable[[Sequence[MarkEntry]], None] = _forget
    """Takes over the marks that the record holds."""
    replaced: Callable[[str], None] = _ignore
    """Is told that a principal's process has ended."""
    ticks: Sequence[Callable[[float], None]] = (_wait,)
    """Do about twice a second what need not be done while a message waits."""
    shadows: Callable[[], tuple[ShadowEntry, ...]] = _no_shadows
    """Asks a draft of the policy about what has passed, for a moment; returns where it differs, for the record."""
    reflects: Callable[[], bool] = bool
    """Tells whether a draft has anything to be asked about."""
    operations: Mapping[str, Operation] = field(default_factory=dict)
    """What may be called at the enforcer itself, by name."""
