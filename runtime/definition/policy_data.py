"""The `data.lictor.team` document: what the built-in rules read, with the line each fact came from."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from lictor.runtime.definition.constraints import CallRule, Hours
from lictor.runtime.definition.guards import built_in
from lictor.runtime.definition.hours import show_windows
from lictor.runtime.definition.plan import (
    AgentPlan,
    ApprovalsPlan,
    GuardPlan,
    GuardsPlan,
    ModelPlan,
    Place,
    ToolPlan,
    ToolUse,
)


def team_document(  # noqa: PLR0917 -- one value each
    agents: Iterable[AgentPlan],
    tools: Iterable[ToolPlan],
    models: Iterable[ModelPlan],
    delegate_places: Mapping[str, Mapping[str, Place]],
    delegates_lines: Mapping[str, int],
    guards: GuardsPlan = GuardsPlan(),  # noqa: B008 -- frozen
    approvals: ApprovalsPlan = ApprovalsPlan(),  # noqa: B008 -- frozen
) -> dict[str, Any]:
    """Return the document.

    `delegate_places` tells for each agent where each of its delegates stands, `delegates_lines` where its key stands.
    """
    agents, tools, models = list(agents), list(tools), list(models)
    kinds = {tool.principal: tool.kind for tool in tools}
    principals = {agent.name: _principal("agent", agent.place) for agent in agents}
    principals |= {tool.principal: _principal("tool", tool.place) for tool in tools}
    principals |= {model.principal: _principal("model", model.place) for model in models}
    entries = guards.entries or built_in()
    return {
        "principals": principals,
        "edges": {agent.name: _edges(agent, delegate_places.get(agent.name, {})) for agent in agents},
        "agents": {agent.name: _agent(agent, delegates_lines.get(agent.name, 0), entries) for agent in agents},
        "permits": {
            agent.name: {use.tool: _permit(use, kinds.get(use.tool, "")) for use in agent.tools} for agent in agents
        },
        "tools": {tool.principal: _tool(tool) for tool in tools},
        "models": {model.principal: _model(model) for model in models},
        "exposed": sorted(agent.name for agent in agents if agent.expose),
        "guards": _guards(entries),
        "approvals": _approvals(approvals),
        "features": sorted(_features(agents)),
    }


def _agent(agent: AgentPlan, delegates_line: int, guards: Mapping[str, GuardPlan]) -> dict[str, Any]:
    budget = agent.budget
    limits: dict[str, Any] = {
        "tokens": budget.tokens,
        "messages": budget.messages,
        "tool_calls": budget.tool_calls,
    }
    if budget.ask_at is not None:
        # Whole numbers, so that every engine compares alike.
        limits["ask"] = {name: math.ceil(limit * budget.ask_at) for name, limit in limits.items()}
    return {
        "delegates": list(agent.delegates),
        "delegates_line": delegates_line,
        "file": agent.place.file,
        "line": agent.place.line,
        "clearance": agent.clearance,
        "emits": list(agent.emits),
        "contract": agent.contract is not None,
        "planner": bool(agent.planner),
        "isolated": agent.isolated,
        "guards": _guards(agent.guards or guards),
        "budget": limits,
    } | _hours(agent.hours)


def _hours(hours: Hours | None) -> dict[str, Any]:
    """Return nothing when there are none: a rule about hours then has nothing to say."""
    if hours is None:
        return {}
    windows = [{"days": list(window.days), "start": window.start, "end": window.end} for window in hours.windows]
    text = "; ".join(show_windows(hours.windows))
    return {"hours": {"windows": windows, "text": text, "file": hours.file, "line": hours.line}}


def _tool(tool: ToolPlan) -> dict[str, Any]:
    return {
        "kind": tool.kind,
        "labels": list(tool.labels),
        "clearance": tool.clearance,
        "remote": tool.remote,
        "file": tool.place.file,
        "line": tool.place.line,
    }


def _model(model: ModelPlan) -> dict[str, Any]:
    return {
        "name": model.name,
        "clearance": model.clearance,
        "remote": model.remote,
        "file": model.place.file,
        "line": model.place.line,
    }


def _guards(entries: Mapping[str, GuardPlan]) -> dict[str, Any]:
    return {
        name: {
            "mode": entry.mode,
            **{key: list(value) if isinstance(value, tuple) else value for key, value in entry.settings.items()},
            "file": entry.place.file,
            "line": entry.place.line,
        }
        for name, entry in entries.items()
    }


def _approvals(approvals: ApprovalsPlan) -> dict[str, Any]:
    return {
        "timeout": approvals.timeout,
        "by": list(approvals.by),
        "most": approvals.most,
        "people": approvals.people,
        "tools": [
            {
                "tool": rule.tool,
                "by": list(rule.by),
                "timeout": rule.timeout,
                "people": rule.people,
                "file": rule.place.file,
                "line": rule.place.line,
            }
            for rule in approvals.tools
        ],
        "file": approvals.place.file,
        "line": approvals.place.line,
    }


def _features(agents: Iterable[AgentPlan]) -> set[str]:
    """Return what the team uses of those rules that read what changes from message to message.

    A rule whose METADATA has `custom: {feature: WORD}` says nothing in a team without the word.
    """
    found: set[str] = set()
    for agent in agents:
        if agent.hours is not None or any(use.hours is not None for use in agent.tools):
            found.add("hours")
        if agent.budget.ask_at is not None:
            found.add("budget")
        if any(use.permit.calls for use in agent.tools):
            found.add("arguments")
    return found


def _principal(role: str, place: Place) -> dict[str, Any]:
    return {"role": role, "file": place.file, "line": place.line}


def _edge(kind: str, place: Place) -> dict[str, Any]:
    return {"kind": kind, "file": place.file, "line": place.line}


def _edges(agent: AgentPlan, delegates: Mapping[str, Place]) -> dict[str, Any]:
    edges = {name: _edge("a2a", delegates.get(name, agent.place)) for name in agent.delegates}
    edges |= {use.tool: _edge("mcp", use.place) for use in agent.tools}
    return edges | {model: _edge("model", agent.place) for model in agent.models}


def _permit(use: ToolUse, kind: str) -> dict[str, Any]:
    # A call under `allow` lets the tool's name through; what its arguments are is for the rule route/arguments.
    called = [rule.tool for rule in use.permit.calls if rule.verdict == "allow"]
    return {
        "allow": list(dict.fromkeys((*use.permit.allow, *called))),
        "plain": list(use.permit.allow),
        "ask": list(use.permit.ask),
        "deny": list(use.permit.deny),
        "otherwise": otherwise(kind, explicit=use.explicit),
        "calls": [_call(rule) for rule in use.permit.calls],
        "labels": list(use.labels),
        "refuse": list(use.refuse),
        "file": use.place.file,
        "line": use.place.line,
    } | _hours(use.hours)


def _call(rule: CallRule) -> dict[str, Any]:
    return {
        "verdict": rule.verdict,
        "tool": rule.tool,
        "arguments": [
            {
                "path": list(argument.path),
                "sign": argument.sign,
                "glob": argument.glob,
                "pattern": argument.pattern,
            }
            | ({} if argument.value is None else {"value": argument.value})
            for argument in rule.arguments
        ],
        "text": rule.text,
        "file": rule.file,
        "line": rule.line,
    }


def otherwise(kind: str, *, explicit: bool) -> str:
    """Return what holds for a tool that no glob names.

    Code of the team's own may be called; of a local server only what reads; a remote one is not trusted about itself.
    """
    if explicit or kind == "mcp-http":
        return "ask"
    return "read-only" if kind == "mcp-stdio" else "allow"
