"""A plan as plain data, for people and programs; secrets are left out."""

import re
from collections.abc import Mapping
from typing import Any, Final

from lictor.protocols.subjects import inbox_all, outbox_all, reply_prefix
from lictor.runtime.definition.plan import AgentPlan, ModelPlan, Place, Plan, Secret, ToolPlan, ToolUse
from lictor.runtime.definition.policy_data import otherwise

_PASSWORD: Final = re.compile(r"(?<=://)([^/@:\s]*):[^/@\s]*(?=@)")
_KEY_WORDS: Final = re.compile(r"(?i)([?&][^=&]*(?:key|token|secret|password)[^=&]*=)[^&\s]+")
_RESTARTS: Final = {"permanent": "always", "transient": "on-failure", "temporary": "never"}


def outline_plan(plan: Plan) -> dict[str, Any]:
    """Return the whole plan."""
    kinds = {tool.principal: tool.kind for tool in plan.tools}
    names = {model.principal: model.name for model in plan.models}
    return {
        "apiVersion": "lictor/v1",
        "kind": "Plan",
        "entry": plan.agents[0].name if plan.agents else None,
        "nats": hide(plan.nats),
        "store": hide(plan.store),
        "limits": {"max_hops": plan.max_hops, "rate": show_rate(*plan.rate)},
        "agents": [_agent(agent, plan, kinds, names) for agent in plan.agents],
        "tools": [_tool(tool) for tool in plan.tools],
        "models": [_model(model) for model in plan.models],
        "policies": [str(path) for path in plan.policies],
    }


def hide(text: str) -> str:
    """Return an address without the password or key that it may hold."""
    return _KEY_WORDS.sub(r"\1‹secret›", _PASSWORD.sub(r"\1:‹secret›", text))


def show_seconds(value: float) -> str:
    """Return a duration in the file's own words."""
    for unit, factor in (("h", 3600.0), ("m", 60.0), ("s", 1.0)):
        if value >= factor and value % factor == 0:
            return f"{value / factor:g}{unit}"
    return f"{value:g}s" if value >= 1 else f"{value * 1000:g}ms"


def show_rate(count: int, period: float) -> str:
    """Return a rate in the file's own words."""
    return f"{count}/{show_seconds(period)}"


def _agent(agent: AgentPlan, plan: Plan, kinds: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    by = [other.name for other in plan.agents if agent.name in other.delegates]
    return {
        "name": agent.name,
        "description": agent.description,
        "runs": {"graph": agent.graph} if agent.graph else {"route": agent.route},
        "nats": {
            "publishes": [outbox_all(agent.name)],
            "subscribes": [inbox_all(agent.name), f"{reply_prefix(agent.name)}.>"],
        },
        "delegates": list(agent.delegates),
        "delegated_by": by,
        "exposed": list(agent.expose),
        "tools": [_use(use, kinds) for use in agent.tools],
        "models": [names[principal] for principal in agent.models],
        "output": agent.output is not None,
        "budget": {
            "tokens": agent.budget.tokens,
            "time": show_seconds(agent.budget.time),
            "messages": agent.budget.messages,
            "tool_calls": agent.budget.tool_calls,
            "depth": agent.budget.depth,
        },
        "supervise": {
            "restart": _RESTARTS[agent.supervise.restart],
            "intensity": show_rate(agent.supervise.intensity, agent.supervise.period),
            "backoff": f"{show_seconds(agent.supervise.backoff_first)}..{show_seconds(agent.supervise.backoff_most)}",
        },
        "timeout": show_seconds(agent.timeout),
        "retries": agent.retries,
        "lines": show_place(agent.place),
    }


def show_place(place: Place) -> str:
    """Return `file:first-last`, or `file:line`."""
    last = f"-{place.last}" if place.last > place.line else ""
    return f"{place.file}:{place.line}{last}"


def _use(use: ToolUse, kinds: Mapping[str, str]) -> dict[str, Any]:
    return {
        "tool": use.tool,
        "allow": list(use.permit.allow),
        "ask": list(use.permit.ask),
        "deny": list(use.permit.deny),
        "otherwise": otherwise(kinds[use.tool], explicit=use.explicit),
        "timeout": show_seconds(use.timeout),
        "retries": use.retries,
        "lines": show_place(use.place),
    }


def _tool(tool: ToolPlan) -> dict[str, Any]:
    details: dict[str, Any] = {
        "command": list(tool.command),
        "url": hide(tool.url),
        "source": str(tool.source) if tool.source else "",
        "function": tool.function,
        "environment": _values(tool.environment),
        "headers": _values(tool.headers),
    }
    if tool.kind == "rag":
        details["top_k"] = tool.top_k
    told = {key: value for key, value in details.items() if value}
    return {"name": tool.principal, "kind": tool.kind, **told, "lines": show_place(tool.place)}


def _model(model: ModelPlan) -> dict[str, Any]:
    details: dict[str, Any] = {
        "gguf": str(model.gguf) if model.gguf else "",
        "url": hide(model.base_url),
        "model": model.remote_model,
        "api_key": str(model.api_key) if model.api_key else "",
        "threads": model.threads,
    }
    told = {key: value for key, value in details.items() if value}
    local = model.backend == "llama-cpp"
    layers = {"gpu_layers": "auto" if model.gpu_layers is None else model.gpu_layers} if local else {}
    return {
        "name": model.name,
        "principal": model.principal,
        "backend": model.backend,
        "context": model.context_tokens,
        **layers,
        **told,
        "lines": show_place(model.place),
    }


def _values(values: Mapping[str, str | Secret]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
