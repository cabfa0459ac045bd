"""The contract of a layer. A guard is one class with one method; the stack is one literal list."""

from typing import Protocol

import msgspec

from lictor.guardrails.action import Action
from lictor.guardrails.labels import UNMARKED, Mark
from lictor.guardrails.verdict import Verdict
from lictor.protocols.envelope import Envelope


class Circumstances(msgspec.Struct, frozen=True, gc=False):
    """What a layer may know beside the message."""

    now: float
    """Unix time in seconds at which the enforcer received the message."""
    action: Action
    request: Envelope | None = None
    """For an answer, the request that it answers; its body may be gone."""
    mark: Mark = UNMARKED
    """Labels of the message, as the enforcer computed them."""
    conduct: float = 1.0
    """How its sender has behaved, from 0 to 1 in steps of 0.05."""


class Layer(Protocol):
    """Judges messages; whatever it raises is a denial in its name."""

    name: str

    def judge(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        """Return one verdict; must not do I/O."""
        ...
