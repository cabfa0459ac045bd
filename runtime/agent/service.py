"""An agent's process content: tasks in over the mesh, answers out."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

import msgspec
from a2a.server.request_handlers import DefaultRequestHandler

from lictor.protocols.a2a.card import build_card
from lictor.protocols.a2a.service import TaskService
from lictor.protocols.mesh import Delivery, Mesh
from lictor.protocols.subjects import Kind
from lictor.runtime.agent.executor import TaskExecutor
from lictor.runtime.agent.graph_solver import GraphSolver
from lictor.runtime.agent.planner import PlanningSolver, load_planner
from lictor.runtime.agent.prompt_solver import PromptSolver
from lictor.runtime.agent.recent_tasks import RecentTasks
from lictor.runtime.agent.solver import Solver
from lictor.runtime.definition.plan import AgentPlan

_METHOD_NOT_FOUND: Final = -32601
_PARTING: Final = 2.0
"""Seconds that callers have to take the last word of an agent that is closed."""

_log = logging.getLogger(__name__)


class AgentService:
    """Serves one agent's tasks over its mesh.

    `delegates` maps the agents it may ask to what each is for. The mesh is opened and closed with the service.
    """

    def __init__(self, plan: AgentPlan, delegates: Mapping[str, str], mesh: Mesh) -> None:
        self._plan = plan
        self._delegates = delegates
        self._mesh = mesh
        self._executor: TaskExecutor | None = None
        self._handler: DefaultRequestHandler | None = None
        self._service: TaskService | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Load the graph, connect and serve; a second call does nothing. Raises InvalidGraph and MeshUnavailable."""
        if self._service is not None:
            return
        self._executor = TaskExecutor(self._plan, self._solver(), self._mesh)
        card = build_card(self._plan.name, self._plan.description)
        self._handler = DefaultRequestHandler(self._executor, RecentTasks(), card)
        await self._mesh.open()
        self._service = TaskService(self._handler)
        await self._mesh.serve(self._handle)

    async def close(self) -> None:
        """Fail what runs, with a word to its callers, and leave; a second call does nothing."""
        if self._executor is not None:
            await self._executor.stop()
            self._executor = None
        if self._answering:
            await asyncio.wait(self._answering, timeout=_PARTING)
        if self._handler is not None:
            await self._handler.aclose()
            self._handler = None
        await self._mesh.close()

    def _solver(self) -> Solver:
        solver: Solver = GraphSolver(self._plan) if self._plan.graph else PromptSolver(self._plan, self._delegates)
        if not self._plan.planner:
            return solver
        return PlanningSolver(solver, load_planner(self._plan.planner, self._plan.folder), self._mesh)

    async def _handle(self, delivery: Delivery) -> None:
        if delivery.kind is Kind.A2A and self._service is not None:
            answering = asyncio.create_task(self._service.handle(delivery))
            self._answering.add(answering)
            answering.add_done_callback(self._answering.discard)
            await answering
        elif delivery.kind is Kind.EVENT:
            _log.debug("an event from %s is not for an agent", delivery.sender)
        else:
            error = {"code": _METHOD_NOT_FOUND, "message": "an agent answers A2A alone"}
            await delivery.answer(msgspec.json.encode({"jsonrpc": "2.0", "id": None, "error": error}))
