"""An agent for tests, `graph: tool_caller.py:graph`: it calls the tools that its question orders, and says what came.

The question is `[{"tool": "server/tool", "arguments": {…}}, …]`, or `{"forever": "server/tool"}`.
"""

import json
from typing import Any

from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.runtime import Runtime

from lictor.runtime.agent.authoring import CallFailed, Lictor, Refused, UnknownTool


async def call(context: Lictor, order: dict[str, Any]) -> dict[str, Any]:
    """Do one order."""
    try:
        result = await context.call_tool(order["tool"], order.get("arguments", {}))
    except Refused as error:
        refusal = error.refusal
        return {"end": "refused", "text": refusal.reason, "code": refusal.code, "place": [refusal.file, refusal.line]}
    except CallFailed as error:
        return {"end": "lost", "text": str(error)}
    except UnknownTool as error:
        return {"end": "unknown", "text": str(error)}
    return {"end": "failed" if result.is_error else "done", "text": result.text[:2000], "size": len(result.text)}


async def work(state: MessagesState, runtime: Runtime[Lictor]) -> dict[str, list[AIMessage]]:
    """Do all orders, one after the other."""
    orders = json.loads(runtime.context.question)
    if isinstance(orders, dict):
        while True:  # an agent that takes no for no answer
            await call(runtime.context, {"tool": orders["forever"]})
    return {"messages": [AIMessage(json.dumps([await call(runtime.context, order) for order in orders]))]}


graph = StateGraph(MessagesState, context_schema=Lictor).add_node(work).add_edge(START, "work").add_edge("work", END)
