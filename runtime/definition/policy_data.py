"""The `data.lictor.team` document: what the built-in rules read, with the line each fact came from."""

from collections.abc import Iterable, Mapping
from typing import Any

from lictor.runtime.definition.plan import AgentPlan, ModelPlan, Place, ToolPlan, ToolUse


def team_document(
    agents: Iterable[AgentPlan],
    tools: Iterable[ToolPlan],
    models: Iterable[ModelPlan],
    delegate_places: Mapping[str, Mapping[str, Place]],
    delegates_lines: Mapping[str, int],
) -> dict[str, Any]:
    """Return the document.

    `delegate_places` tells for each agent where each of its delegates stands, `delegates_lines` where its key stands.
    """
    agents, kinds = list(agents), {tool.principal: tool.kind for tool in tools}
    principals = {agent.name: _principal("agent", agent.place) for agent in agents}
    principals |= {tool.principal: _principal("tool", tool.place) for tool in tools}
    principals |= {model.principal: _principal("model", model.place) for model in models}
    return {
        "principals": principals,
        "edges": {agent.name: _edges(agent, delegate_places.get(agent.name, {})) for agent in agents},
        "agents": {
            agent.name: {
                "delegates": list(agent.delegates),
                "delegates_line": delegates_lines.get(agent.name, 0),
                "file": agent.place.file,
                "line": agent.place.line,
            }
            for agent in agents
        },
        "permits": {
            agent.name: {use.tool: _permit(use, kinds.get(use.tool, "")) for use in agent.tools} for agent in agents
        },
        "exposed": sorted(agent.name for agent in agents if agent.expose),
    }


def _principal(role: str, place: Place) -> dict[str, Any]:
    return {"role": role, "file": place.file, "line": place.line}


def _edge(kind: str, place: Place) -> dict[str, Any]:
    return {"kind": kind, "file": place.file, "line": place.line}


def _edges(agent: AgentPlan, delegates: Mapping[str, Place]) -> dict[str, Any]:
    edges = {name: _edge("a2a", delegates.get(name, agent.place)) for name in agent.delegates}
    edges |= {use.tool: _edge("mcp", use.place) for use in agent.tools}
    return edges | {model: _edge("model", agent.place) for model in agent.models}


def _permit(use: ToolUse, kind: str) -> dict[str, Any]:
    return {
        "allow": list(use.permit.allow),
        "ask": list(use.permit.ask),
        "deny": list(use.permit.deny),
        "otherwise": otherwise(kind, explicit=use.explicit),
        "file": use.place.file,
        "line": use.place.line,
    }


def otherwise(kind: str, *, explicit: bool) -> str:
    """Return what holds for a tool that no glob names.

    Code of the team's own may be called; of a local server only what reads; a remote one is not trusted about itself.
    """
    if explicit or kind == "mcp-http":
        return "ask"
    return "read-only" if kind == "mcp-stdio" else "allow"
