"""The writer of the desk: your own LangGraph graph, run by Lictor as an agent.

It first tries to ask the retriever itself, which `desk.yaml` does not allow: the message is refused on the bus and
never delivered. Then it answers from the passages that came with the question.
"""

import itertools
import re

from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.runtime import Runtime

from lictor.runtime.agent.authoring import CallFailed, Citation, Lictor, Refused

PROMPT = "Answer in one or two sentences, using only the passage."
NOTHING = "The handbook does not say."


class Draft(MessagesState):
    note: str
    """What came of asking the retriever."""
    citations: list[Citation]


async def ask_again(state: Draft, runtime: Runtime[Lictor]) -> dict[str, str]:
    """Ask the retriever for more. There is no such edge, whatever this code says."""
    try:
        reply = await runtime.context.delegate("retriever", runtime.context.question)
    except (Refused, CallFailed) as error:
        return {"note": str(error)}
    return {"note": f"the retriever answered: {reply.text}"}


async def write(state: Draft, runtime: Runtime[Lictor]) -> dict[str, list[AIMessage] | list[Citation]]:
    """Answer in the handbook's own words: the model chooses which sentences, a grammar keeps it from inventing any."""
    if not state["citations"]:
        return {"messages": [AIMessage(NOTHING)]}
    best = state["citations"][0]
    sentences = [" ".join(part.split()) for part in re.split(r"(?<=[.!?])\s+(?=[A-Z])", best.quote)]
    asked = [("system", PROMPT), ("user", f"{' '.join(sentences)}\n\nQuestion: {runtime.context.question}")]
    answer = await runtime.context.model.ainvoke(asked, grammar=two_of(sentences), max_tokens=200)
    return {"messages": [answer], "citations": [best]}


def two_of(sentences: list[str]) -> str:
    """Return a llama.cpp grammar by which a model can say two of these sentences, and nothing else."""
    quoted = ['"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in sentences]
    pairs = [f'{left} " " {right}' for left, right in itertools.permutations(quoted, 2)]
    return "root ::= " + " | ".join(pairs or quoted)


graph = (
    StateGraph(Draft, context_schema=Lictor)
    .add_node(ask_again)
    .add_node(write)
    .add_edge(START, "ask_again")
    .add_edge("ask_again", "write")
    .add_edge("write", END)
)
