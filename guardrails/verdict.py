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
    """What has to be done if it passes: `redact:CLASS`, `label:WORD`, `model:NAME`, `audit:full`, `warn:CODE`."""
    facts: bytes = b""
    """The question that the policy was asked, as JSON; empty for layers that ask none."""
    further: tuple["Verdict", ...] = ()
    """Of one that holds, what else the layer asks a person about."""


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

    def joined(self, verdict: Verdict) -> "Judgement":
        """Return the judgement with one verdict more, which holds when it is stricter than the others."""
        deciding = verdict if verdict.outcome > self.outcome else self.deciding
        return Judgement(deciding.outcome, (*self.verdicts, verdict), deciding, (*self.costs_us, 0.0))

    def obliged(self, duty: str) -> tuple[str, ...]:
        """Return what all layers together oblige to under one word, e.g. the classes of `redact`, each once."""
        prefix = f"{duty}:"
        found = [
            word[len(prefix) :]
            for verdict in self.verdicts
            if verdict.obligations
            for word in verdict.obligations
            if word.startswith(prefix)
        ]
        return tuple(dict.fromkeys(found))


def denial(layer: str, code: str, reason: str) -> Judgement:
    """Return the judgement that is one denial, of a layer that was not asked among others."""
    verdict = Verdict(layer, Outcome.DENY, code, reason)
    return Judgement(Outcome.DENY, (verdict,), verdict, (0.0,))
