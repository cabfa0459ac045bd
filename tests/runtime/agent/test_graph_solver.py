from pathlib import Path
from typing import Any

import pytest
from mediated_team import MODEL, Team, agent, passage, running_team, uses

from lictor.protocols.a2a.reading import Citation, Outcome
from lictor.runtime.agent.graph_solver import read_citations

HEAD = """
from typing import Annotated, TypedDict
from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.runtime import Runtime
from langgraph.types import interrupt
from lictor.runtime.agent.authoring import CallFailed, Citation, Lictor, Refused, passages_of

def one(node, state=MessagesState):
    graph = StateGraph(state, context_schema=Lictor)
    graph.add_node("node", node)
    graph.add_edge(START, "node")
    graph.add_edge("node", END)
    return graph
"""

QUESTION = "How long may I return an item?"
FOUND = passage("returns.md", "Returns", "You may return any item within 30 days of delivery.")


async def solved(folder: Path, text: str, say: Any = lambda _: "said", **changes: Any) -> tuple[Outcome, Team]:
    (folder / "mine.py").write_text(HEAD + text)
    plan = agent("writer", prompt="", graph="mine.py:graph", folder=folder, tools=uses("tool-handbook"), **changes)
    async with running_team(plan, agent("legal"), agent("editor"), say=say) as team:
        await team.add_tools("tool-handbook", {"search": lambda _: FOUND})
        return await team.ask("writer", QUESTION), team


async def test_a_node_calls_tools_and_agents_and_cites_what_it_met(tmp_path: Path) -> None:
    text = """
async def node(state, runtime: Runtime[Lictor]):
    lictor = runtime.context
    found = await lictor.call_tool("handbook", {"query": lictor.question})
    reply = await lictor.delegate("editor", f"polish: {passages_of(found.structured)[0].quote}")
    return {"messages": [AIMessage(f"{reply.text} ({reply.model}) within 30 days of delivery")]}
graph = one(node)
"""
    outcome, team = await solved(tmp_path, text, delegates=("editor",))

    assert (outcome.state, outcome.text) == ("completed", "said (scripted-1) within 30 days of delivery")
    assert [each.file for each in outcome.citations] == ["returns.md"]
    assert "polish: You may return" in team.heard[MODEL].requests[0]["messages"][-1]["content"]


async def test_a_graph_may_choose_its_citations_and_have_its_own_state(tmp_path: Path) -> None:
    text = """
class Own(TypedDict):
    question: str
    citations: list
    answer: str
async def node(state):
    return {"answer": state["question"].upper(), "citations": [{"file": "a.md", "heading": "A"}, Citation("b.md", "B")]}
graph = one(node, Own)
"""
    outcome, _ = await solved(tmp_path, text)

    assert (outcome.state, outcome.text) == ("completed", QUESTION.upper())
    assert outcome.citations == (Citation("a.md", "A"), Citation("b.md", "B"))


async def test_langchain_tools_are_bound_to_the_task(tmp_path: Path) -> None:
    text = """
def graph(lictor):
    async def plan(state):
        if state["messages"][-1].type == "tool":
            return {"messages": [AIMessage("found: " + state["messages"][-1].content)]}
        call = {"name": "search", "args": {"query": lictor.question}, "id": "1"}
        return {"messages": [AIMessage("", tool_calls=[call])]}
    made = StateGraph(MessagesState)
    made.add_node("plan", plan)
    made.add_node("tools", ToolNode(lictor.tools))
    made.add_edge(START, "plan")
    made.add_conditional_edges("plan", tools_condition)
    made.add_edge("tools", "plan")
    return made
"""
    outcome, team = await solved(tmp_path, text)

    assert outcome.text == "found: You may return any item within 30 days of delivery."
    assert team.verdicts("writer", "tool-handbook") == ["allow", "allow"]


async def test_a_graph_may_answer_in_the_words_of_the_passages(tmp_path: Path) -> None:
    text = """
async def node(state, runtime: Runtime[Lictor]):
    nothing = await runtime.context.quote()
    assert nothing.text == ""
    await runtime.context.call_tool("search", {"query": "?"})
    return {"messages": [await runtime.context.quote(together=1)]}
graph = one(node)
"""
    outcome, team = await solved(tmp_path, text, say=lambda _: "something of its own")

    assert outcome.text == "You may return any item within 30 days of delivery."
    assert outcome.model == "scripted-1"
    (request,) = team.heard[MODEL].requests
    assert request["response_format"]["json_schema"]["schema"]["properties"]["answer"]["enum"] == [outcome.text]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "def node(state): return {'messages': []}\ngraph = one(node)",
            "the graph of writer ended without an answer: its last message is not the model's",
        ),
        (
            "def node(state): raise KeyError('xyzzy')\ngraph = one(node)",
            "the graph of writer failed at mine.py:16; its log says why",
        ),
        (
            "def graph(lictor): raise KeyError('xyzzy')",
            "the graph of writer failed at mine.py:16; its log says why",
        ),
        (
            "def node(state): interrupt('xyzzy?')\ngraph = one(node).compile(checkpointer=__import__("
            "'langgraph.checkpoint.memory').checkpoint.memory.InMemorySaver())",
            "the graph of writer asks a person, which is not available yet",
        ),
        (
            "graph = StateGraph(MessagesState)\n"
            "graph.add_node('a', lambda state: {'messages': [('ai', 'again')]})\n"
            "graph.add_edge(START, 'a')\ngraph.add_edge('a', 'a')",
            "the graph of writer went on for more than 100 steps",
        ),
        (
            "async def node(state, runtime): await runtime.context.call_tool('nothing', {})\ngraph = one(node)",
            "there is no tool 'nothing': the agent has handbook/search",
        ),
    ],
)
async def test_how_a_graph_fails_is_told_without_its_text(tmp_path: Path, text: str, said: str) -> None:
    outcome, team = await solved(tmp_path, text)

    assert (outcome.state, outcome.text) == ("failed", said)
    assert not any(b"xyzzy" in entry.body for entry in team.entries)


async def test_the_output_schema_holds_for_a_graph_too(tmp_path: Path) -> None:
    text = "def node(state): return {'messages': [('ai', 'thirty')]}\ngraph = one(node)"

    outcome, _ = await solved(tmp_path, text, output={"type": "object"})

    assert outcome.text == "the answer of writer does not satisfy its schema: it is not JSON"


@pytest.mark.parametrize(
    ("listed", "read"),
    [
        (None, ()),
        ("x", ()),
        ([{"file": ""}, 3, {"file": "a", "quote": None}], (Citation("a", ""),)),
        ((Citation("b", "B"),), (Citation("b", "B"),)),
    ],
)
def test_citations_are_read_as_a_graph_may_write_them(listed: object, read: tuple[Citation, ...]) -> None:
    assert read_citations(listed) == read
