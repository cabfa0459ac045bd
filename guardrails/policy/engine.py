"""The contract of a policy engine: one question, one answer, and no answer is a denial."""

from dataclasses import dataclass
from typing import Any, Protocol


class PolicyError(Exception):
    """Raised when a bundle cannot be loaded, or an engine gives no usable answer."""


@dataclass(frozen=True, slots=True)
class Denial:
    """One rule's objection."""

    code: str
    reason: str
    rule: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What the bundle says of one input."""

    allow: bool
    denials: tuple[Denial, ...]


class PolicyEngine(Protocol):
    """Evaluates `data.lictor.main.decision`."""

    @property
    def revision(self) -> str:
        """Digest of policies and data that decide."""
        ...

    def decide(self, document: dict[str, Any]) -> Decision:
        """Return the decision for one input document; raises PolicyError when there is none."""
        ...
