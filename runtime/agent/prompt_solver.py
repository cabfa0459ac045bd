"""Solves with the graph that is built for `prompt:` agents."""

from collections.abc import Mapping
from typing import Final

from langgraph.errors import GraphRecursionError

from lictor.runtime.agent.calls import Reply
from lictor.runtime.agent.failures import ToolLoop
from lictor.runtime.agent.graph import PromptContext, build_graph
from lictor.runtime.agent.solver import Desk, Emit
from lictor.runtime.definition.plan import AgentPlan

_MOST_SUPERSTEPS: Final = 1000


class PromptSolver:
    """Runs the graph once for each task; tasks may run at once."""

    def __init__(self, plan: AgentPlan, delegates: Mapping[str, str]) -> None:
        self._plan = plan
        self._delegates = delegates
        self._graph = build_graph()

    async def solve(self, desk: Desk, emit: Emit) -> Reply:
        """Return the answer; raises AgentFailed, Refused and what the mesh raises."""
        context = PromptContext(self._plan, self._delegates, desk)
        reply = None
        try:
            async for mode, part in self._graph.astream(
                {"steps": []},
                {"recursion_limit": _MOST_SUPERSTEPS},
                context=context,
                stream_mode=["custom", "values"],
            ):
                if mode == "custom":
                    await emit(str(part))
                elif isinstance(part, dict):
                    reply = part.get("reply", reply)
        except GraphRecursionError as error:
            raise ToolLoop(f"{self._plan.name} went on for more than {_MOST_SUPERSTEPS} steps") from error
        return reply if isinstance(reply, Reply) else Reply("")
