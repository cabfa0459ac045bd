"""The contract of an operation: the enforcer as a tool server. A call is judged and recorded like any other message."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from lictor.protocols.envelope import Envelope, Packet
from lictor.protocols.record import ApprovalEntry, MessageEntry


class OperationFailed(Exception):
    """Raised when an operation cannot be done; the caller gets it as an `isError` result."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OperatorCall(msgspec.Struct, frozen=True):
    """One call that the policy has let through."""

    envelope: Envelope
    arguments: Mapping[str, Any]
    now: float
    """Unix time in seconds."""


class Effect(msgspec.Struct, frozen=True):
    """What comes of an operation."""

    answer: Mapping[str, Any]
    """The structured content of the result."""
    packets: tuple[Packet, ...] = ()
    """What is to be published beside the answer."""
    entries: tuple[MessageEntry, ...] = ()
    approvals: tuple[ApprovalEntry, ...] = ()


class Operation(Protocol):
    """One thing that may be called; `name` is the tool's name."""

    name: str
    summary: str

    def run(self, call: OperatorCall) -> Effect:
        """Do it between two messages; raises OperationFailed, and then nothing was changed."""
        ...
