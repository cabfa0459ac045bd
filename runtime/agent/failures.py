"""Why a task of an agent fails; every text here is safe to show to its caller."""

from typing import Final

from lictor.protocols.errors import (
    DeadlineExceeded,
    EnforcerLost,
    MalformedEnvelope,
    MeshUnavailable,
    NoEnforcer,
    Refused,
    TargetLost,
)

_SENTENCES: Final = (
    (NoEnforcer, "no enforcer listens, so nothing passes"),
    (EnforcerLost, "the enforcer went away before the answer came"),
    (MeshUnavailable, "the bus cannot be reached"),
    (TargetLost, "a part that it needs is not there"),
    (DeadlineExceeded, "its time was over"),
    (MalformedEnvelope, "a part that it needs answered with garbage"),
)
"""The first that fits holds."""


class AgentFailed(Exception):
    """Raised when an agent cannot finish its task; the text is the sentence that the caller is told."""


class ModelFailed(AgentFailed):
    """Raised when no model of the agent answered."""


class ToolLoop(AgentFailed):
    """Raised when a task calls tools or agents without end."""


class UnknownTool(AgentFailed):
    """Raised when a graph calls a tool that none of the agent's servers has."""


class CallFailed(AgentFailed):
    """Raised when a tool or an agent was reached and did not do what it was asked; `target` names it."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(f"{target} {reason}")
        self.target = target
        self.reason = reason


class InvalidOutput(AgentFailed):
    """Raised when an answer does not satisfy the agent's output schema."""


class InvalidGraph(AgentFailed):
    """Raised when `graph: file.py:name` leads to nothing that runs."""


class GraphFailed(AgentFailed):
    """Raised when a user's graph raised; the caller is told where, never what."""


def sentence(error: BaseException) -> str:
    """Return what a caller is told of an error; empty when it is none of Lictor's own, whose text never leaves."""
    if isinstance(error, AgentFailed | Refused):
        return str(error)
    return next((said for kind, said in _SENTENCES if isinstance(error, kind)), "")
