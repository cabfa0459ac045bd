"""The contract of what thinks inside an agent. Implementations: `prompt_solver.py` and `graph_solver.py`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from lictor.runtime.agent.assignment import Assignment
from lictor.runtime.agent.calls import Calls, Reply
from lictor.runtime.agent.chat_model import MeshChatModel

Emit = Callable[[str], Awaitable[None]]
"""Sends one piece of the answer to a caller who reads along."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a solver works with in one task."""

    assignment: Assignment
    calls: Calls
    model: MeshChatModel
    """Bound to the task: its thread and its time."""


class Solver(Protocol):
    """Turns an assignment into a reply."""

    async def solve(self, desk: Desk, emit: Emit) -> Reply:
        """Return the answer; raises AgentFailed, Refused and what the mesh raises.

        `emit` may be called with pieces of the answer's text while it is written; together they are the text.
        """
        ...
