"""A verdict is a value: what one layer says of one message."""

from dataclasses import dataclass
from enum import IntEnum


class Outcome(IntEnum):
    """What may happen to a message, from the mildest; the strictest of all layers holds."""

    ALLOW = 0
    REDACT = 1
    HOLD = 2
    DENY = 3
    QUARANTINE = 4

    @property
    def word(self) -> str:
        """The outcome as it is written in records and answers."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One layer's answer."""

    layer: str
    outcome: Outcome
    code: str = ""
    """Stable machine word, e.g. `route.no_edge`; empty for a plain allow."""
    reason: str = ""
    """One sentence for a person."""
    rule: str = ""
    """Rule that decided, e.g. `data.lictor.route.deny`."""
    file: str = ""
    line: int = 0
    obligations: tuple[str, ...] = ()
    cost_us: float = 0.0
    """Time the layer took, in microseconds."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts of all layers that were asked, and the strictest of them."""

    outcome: Outcome
    verdicts: tuple[Verdict, ...]
    deciding: Verdict
    """The first verdict with the strictest outcome."""

    @property
    def passes(self) -> bool:
        """Whether the message may be delivered."""
        return self.outcome <= Outcome.REDACT
