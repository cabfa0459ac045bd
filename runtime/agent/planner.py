"""The planner of an agent: code of the team's own that writes a task's contract before the task reads anything."""

import inspect
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from langchain_core.messages import HumanMessage

from lictor.protocols.errors import ProtocolError
from lictor.protocols.mcp.client import call_tool
from lictor.protocols.mesh import Mesh
from lictor.runtime.agent.calls import Reply
from lictor.runtime.agent.failures import AgentFailed, InvalidGraph
from lictor.runtime.agent.graph_file import guarded, import_file
from lictor.runtime.agent.solver import Desk, Emit, Solver
from lictor.runtime.agent.toolbox import list_described

ENFORCER: Final = "enforcer"
OPERATION: Final = "contract.declare"
_SECONDS: Final = 30.0
_REMEMBERED: Final = 10_000

_log = logging.getLogger(__name__)

Ask = Callable[[str], Awaitable[str]]
"""Asks the agent's own model."""


class Planner:
    """A function `plan(prompt, tools)` or `plan(prompt, tools, ask)`, plain or async.

    `tools` is a list of maps with `server`, `name`, `description` and `schema`; `ask` puts a question to the agent's
    model. It returns a contract as a map, or as YAML text, or None for no contract.
    """

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self.name = name
        self._function = function
        try:
            self._asks = len(inspect.signature(function).parameters) > 2
        except (TypeError, ValueError):
            self._asks = False

    async def write(self, prompt: str, tools: list[dict[str, Any]], ask: Ask) -> Mapping[str, Any] | str | None:
        """Return the contract; raises InvalidGraph when it is of no use, and whatever the function raises."""
        made = self._function(prompt, tools, ask) if self._asks else self._function(prompt, tools)
        if inspect.isawaitable(made):
            made = await made
        if made is None or isinstance(made, str | dict):
            return made
        raise InvalidGraph(f"{self.name} returned {type(made).__name__}; a planner returns a contract or None")


def load_planner(reference: str, folder: Path) -> Planner:
    """Import `file.py:name` and return the planner; raises InvalidGraph with file and line."""
    place, _, name = reference.rpartition(":")
    path = (folder / place).resolve()
    if not path.is_file():
        raise InvalidGraph(f"{place or reference}: there is no such file; write `planner: file.py:name`")
    module = import_file(path)
    found = guarded(path, lambda: getattr(module, name, None))
    if not callable(found):
        raise InvalidGraph(f"{place}: it defines no function {name!r}; `planner:` names one")
    return Planner(found, f"{path.name}:{name}")


class PlanningSolver:
    """Has a contract written and declared on the first message of each task, then solves it as before.

    Without a contract the task goes on: the enforcer then asks a person for whatever has an outside effect.
    """

    def __init__(self, solver: Solver, planner: Planner, mesh: Mesh) -> None:
        self._solver = solver
        self._planner = planner
        self._mesh = mesh
        self._planned: OrderedDict[str, None] = OrderedDict()

    async def solve(self, desk: Desk, emit: Emit) -> Reply:
        """Return the answer of the solver."""
        task = desk.assignment.thread.task
        if task and task not in self._planned:
            self._planned[task] = None
            if len(self._planned) > _REMEMBERED:
                self._planned.popitem(last=False)
            await self._plan(desk)
        return await self._solver.solve(desk, emit)

    async def _plan(self, desk: Desk) -> None:
        async def ask(question: str) -> str:
            return str((await desk.model.ainvoke([HumanMessage(question)])).content)

        tools = [
            {"server": tool.server, "name": tool.name, "description": tool.description, "schema": dict(tool.schema)}
            for tool in await list_described(desk.calls)
        ]
        try:
            contract = await self._planner.write(desk.assignment.question, tools, ask)
            if contract is None:
                return
            result = await call_tool(
                self._mesh,
                ENFORCER,
                OPERATION,
                {"contract": contract},
                seconds=_SECONDS,
                thread=desk.assignment.thread,
            )
        except (AgentFailed, ProtocolError) as error:
            _log.warning("the planner %s made no contract: %s", self._planner.name, error)
        except Exception:
            _log.exception("the planner %s failed", self._planner.name)
        else:
            if result.is_error:
                _log.warning("the contract of %s was not taken: %s", self._planner.name, result.text)
