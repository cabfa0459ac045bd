"""Solves with the user's own LangGraph."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.errors import GraphRecursionError

from lictor.protocols.a2a.reading import Citation
from lictor.protocols.errors import ProtocolError
from lictor.protocols.identifiers import new_id
from lictor.runtime.agent.answer import cited
from lictor.runtime.agent.authoring import Lictor
from lictor.runtime.agent.calls import Reply
from lictor.runtime.agent.failures import AgentFailed, GraphFailed, InvalidOutput, ToolLoop
from lictor.runtime.agent.graph import model_of
from lictor.runtime.agent.graph_file import Graph, line_in, load_graph
from lictor.runtime.agent.output import violation
from lictor.runtime.agent.solver import Desk, Emit
from lictor.runtime.agent.toolbox import bind, list_described
from lictor.runtime.definition.plan import AgentPlan

_MOST_SUPERSTEPS: Final = 100

_log = logging.getLogger(__name__)


class GraphSolver:
    """Runs a user's graph once for each task. Raises InvalidGraph when it is made from a file that has none."""

    def __init__(self, plan: AgentPlan) -> None:
        self._plan = plan
        self._file = load_graph(plan.graph, plan.folder)

    async def solve(self, desk: Desk, emit: Emit) -> Reply:
        """Return the answer; raises AgentFailed, Refused and what the mesh raises."""
        described = await list_described(desk.calls)
        context = Lictor(
            question=desk.assignment.question,
            citations=desk.assignment.citations,
            model=desk.model,
            tools=bind(desk.calls, described),
            prompt=self._plan.prompt,
            calls=desk.calls,
        )
        try:
            state = await self._run(context)
        except GraphRecursionError as error:
            raise ToolLoop(f"the graph of {self._plan.name} went on for more than {_MOST_SUPERSTEPS} steps") from error
        except (AgentFailed, ProtocolError, asyncio.CancelledError):
            raise
        except Exception as error:
            _log.exception("the graph of %s raised", self._plan.name)
            line = line_in(self._file.path, error)
            place = f"{self._file.path.name}:{line}" if line else self._file.path.name
            raise GraphFailed(f"the graph of {self._plan.name} failed at {place}; its log says why") from error
        return self._reply(state, desk)

    async def _run(self, context: Lictor) -> Mapping[str, Any]:
        graph = self._file.graph_for(context)
        state = await graph.ainvoke(
            _opening(graph, context),
            {"recursion_limit": _MOST_SUPERSTEPS, "configurable": {"thread_id": new_id()}},
            context=context,
        )
        if isinstance(state, Mapping) and "__interrupt__" in state:
            raise GraphFailed(f"the graph of {self._plan.name} asks a person, which is not available yet")
        return state if isinstance(state, Mapping) else {}

    def _reply(self, state: Mapping[str, Any], desk: Desk) -> Reply:
        text, model = _last_words(state)
        if not text:
            raise GraphFailed(
                f"the graph of {self._plan.name} ended without an answer: its last message is not the model's"
            )
        if self._plan.output is not None:
            wrong = violation(text, self._plan.output)
            if wrong:
                raise InvalidOutput(f"the answer of {self._plan.name} does not satisfy its schema: {wrong}")
        chosen = state.get("citations")
        citations = read_citations(chosen) if chosen is not None else cited(text, desk.calls.met)
        return Reply(text, citations, model)


def read_citations(listed: object) -> tuple[Citation, ...]:
    """Return citations as a graph may write them: `Citation` values, or mappings with file, heading and quote."""
    if not isinstance(listed, list | tuple):
        return ()
    found = []
    for each in listed:
        if isinstance(each, Citation):
            found.append(each)
        elif isinstance(each, Mapping) and each.get("file"):
            found.append(Citation(str(each["file"]), str(each.get("heading") or ""), str(each.get("quote") or "")))
    return tuple(found)


def _opening(graph: Graph, context: Lictor) -> dict[str, Any]:
    whole = {
        "messages": [HumanMessage(context.question)],
        "question": context.question,
        "citations": list(context.citations),
    }
    return {name: value for name, value in whole.items() if name in graph.channels}


def _last_words(state: Mapping[str, Any]) -> tuple[str, str]:
    messages = state.get("messages")
    for message in reversed(messages) if isinstance(messages, list) else ():
        if isinstance(message, AIMessage) and message.text.strip():
            return str(message.text).strip(), model_of(message.response_metadata)
    answer = state.get("answer")
    return (answer.strip(), "") if isinstance(answer, str) else ("", "")
