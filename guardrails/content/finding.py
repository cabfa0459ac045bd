"""A finding: what one guard saw in one place of a text."""

from collections.abc import Iterable

import msgspec


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One thing that a guard found."""

    guard: str
    """`secret`, `pii`, `injection`, `schema`, `ungrounded`, `suspicious`."""
    kind: str = ""
    """What exactly, e.g. `email`; empty where the guard has one kind only."""
    score: float = 1.0
    """How sure the guard is, from 0 to 1."""
    start: int = -1
    """Where it begins in the canonical text, in bytes; -1 when unknown."""
    end: int = -1
    detail: str = ""
    """For a person; never the value itself."""

    @property
    def word(self) -> str:
        """The class that rules and redaction name: `pii/email`, `injection`."""
        return f"{self.guard}/{self.kind}" if self.kind else self.guard


def highest(findings: Iterable[Finding]) -> dict[str, float]:
    """Return the highest score of each class, rounded to 0.01 so that equal questions to the policy are equal."""
    scores: dict[str, float] = {}
    for finding in findings:
        score = round(finding.score, 2)
        if score > scores.get(finding.word, -1.0):
            scores[finding.word] = score
    return scores
