"""A verdict is a value: what one layer says of one message."""

from enum import IntEnum

import msgspec


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


class Verdict(msgspec.Struct, frozen=True, gc=False):
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


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """The verdicts of all layers that were asked, and the strictest of them."""

    outcome: Outcome
    verdicts: tuple[Verdict, ...]
    deciding: Verdict
    """The first verdict with the strictest outcome."""
    costs_us: tuple[float, ...]
    """For each verdict, the time its layer took, in microseconds."""

    @property
    def passes(self) -> bool:
        """Whether the message may be delivered."""
        return self.outcome <= Outcome.REDACT


def denial(layer: str, code: str, reason: str) -> Judgement:
    """Return the judgement that is one denial, of a layer that was not asked among others."""
    verdict = Verdict(layer, Outcome.DENY, code, reason)
    return Judgement(Outcome.DENY, (verdict,), verdict, (0.0,))
