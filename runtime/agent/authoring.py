"""What the author of a LangGraph graph uses: `Runtime[Lictor]` in a node, and what its methods return and raise.

    from langgraph.graph import END, START, MessagesState, StateGraph
    from langgraph.runtime import Runtime
    from lictor.runtime.agent.authoring import Lictor

    async def write(state: MessagesState, runtime: Runtime[Lictor]) -> MessagesState:
        return {"messages": [await runtime.context.model.ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState, context_schema=Lictor)
    graph.add_node(write)
    graph.add_edge(START, "write")
    graph.add_edge("write", END)

`graph: file.py:name` may name a StateGraph, a compiled graph, or a function that returns one; a function with one
parameter is called once for each task and is given the task's `Lictor`. The question is the one human message of the
state (and `question` and `citations`, where the state has such keys); the last AI message is the answer, and
`citations` in the final state, where it is set, are its citations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from langchain_core.messages import AIMessage
from langchain_core.tools import BaseTool

from lictor.protocols.a2a.reading import Citation
from lictor.protocols.errors import Refused
from lictor.protocols.mcp.reading import Result
from lictor.runtime.agent.answer import Shape, answer_messages, passages_of
from lictor.runtime.agent.calls import Calls, Reply
from lictor.runtime.agent.chat_model import MeshChatModel
from lictor.runtime.agent.failures import CallFailed, UnknownTool
from lictor.runtime.agent.quoting import held_to_quotes, quotes, quoting_messages, read_quote
from lictor.runtime.agent.toolbox import find_tool

__all__ = ["CallFailed", "Citation", "Lictor", "Refused", "Reply", "Result", "UnknownTool", "passages_of"]

QUOTED: Final = Shape(passages=1)
"""Quoting looks at the best passage alone."""


@dataclass(frozen=True, slots=True)
class Lictor:
    """One task, as a node of the user's own graph sees it: LangGraph's run context."""

    question: str
    """What was asked."""
    citations: tuple[Citation, ...]
    """Passages that came with the task."""
    model: MeshChatModel
    """The agent's model, bound to this task's thread and time."""
    tools: Sequence[BaseTool]
    """The agent's tools for LangChain; a refusal or a failure is an error message that the model reads."""
    prompt: str = ""
    """The agent's own instruction, where the definition has one."""
    calls: Calls = field(repr=False, kw_only=True)
    """The calls behind the methods below."""

    async def delegate(self, name: str, text: str, citations: Sequence[Citation] | None = None) -> Reply:
        """Ask another agent; `citations` left out means all passages met so far.

        Raises Refused, with `refusal`, when it may not be asked, CallFailed when it is not there or failed, and
        MeshUnavailable.
        """
        return await self.calls.delegate(name, text, citations)

    async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> Result:
        """Call a tool by its name, by `server/tool`, or by the name of a server that has only one.

        A failure of the tool itself is a result with `is_error`. Raises UnknownTool, Refused, CallFailed and
        MeshUnavailable.
        """
        server, tool = await find_tool(self.calls, name)
        return await self.calls.call_tool(server, tool, arguments)

    async def quote(self, together: int = 2, prompt: str = "") -> AIMessage:
        """Answer with `together` sentences of the passages met so far, chosen by the model: see `quoting.py`.

        The message is empty when there is no passage. Raises what the model raises.
        """
        passages = self.calls.met
        choices = quotes(self.question, passages, together, QUOTED)
        if not choices:
            return AIMessage("")
        messages = quoting_messages(prompt, self.question, passages, QUOTED)
        longest = 32 + max(map(len, choices)) // 2
        said = await self.model.ainvoke(messages, response_format=held_to_quotes(choices), max_tokens=longest)
        return AIMessage(read_quote(said.text, choices), response_metadata=said.response_metadata)

    def messages(self, prompt: str = "") -> list[dict[str, str]]:
        """Return chat messages that ask the question with the best passages first, cut down for a small model."""
        return answer_messages(prompt or self.prompt, self.question, (), self.calls.met)
