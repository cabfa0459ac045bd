"""The contract of a policy engine: one question, one answer, and no answer is a denial."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lictor.guardrails.policy.fields import Path


class PolicyError(Exception):
    """Raised when a bundle cannot be loaded, or an engine gives no usable answer."""


@dataclass(frozen=True, slots=True)
class Denial:
    """One rule's objection, or its wish that a person is asked."""

    code: str
    reason: str
    rule: str
    file: str = ""
    line: int = 0
    outcome: str = "deny"
    """`deny`, or `quarantine` when the sender is to be stopped as well."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the bundle says of one input at one stage."""

    allow: bool
    denials: tuple[Denial, ...]
    asks: tuple[Denial, ...] = ()
    obligations: tuple[str, ...] = ()
    """`redact:CLASS`, `label:WORD`, `model:NAME`, `audit:full`, `warn:CODE`."""


class PolicyEngine(Protocol):
    """Evaluates `data.lictor.main.STAGE`."""

    @property
    def revision(self) -> str:
        """Digest of policies and data that decide."""
        ...

    @property
    def fields(self) -> Mapping[str, frozenset[Path]]:
        """For each stage, the paths below `input` that decide there."""
        ...

    def decide(self, stage: str, document: dict[str, Any]) -> Decision:
        """Return the decision of one stage for one input document; raises PolicyError when there is none."""
        ...
