"""A plan as plain data, for people and programs; secrets are left out."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lictor.protocols.subjects import inbox_all, outbox_all, reply_prefix
from lictor.runtime.definition.constraints import Hours
from lictor.runtime.definition.hours import show_windows
from lictor.runtime.definition.plan import (
    AgentPlan,
    ApprovalsPlan,
    GuardPlan,
    ModelPlan,
    Permit,
    Place,
    Plan,
    PolicyPlan,
    Secret,
    ToolPlan,
    ToolUse,
)
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
        "policy": _policy(plan.policy),
        "guards": _guards(plan.guards.entries),
        "approvals": _approvals(plan.approvals),
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
            **({} if agent.budget.ask_at is None else {"ask_at": f"{agent.budget.ask_at:.0%}"}),
        },
        "clearance": agent.clearance,
        "emits": list(agent.emits),
        "contract": str(agent.contract) if isinstance(agent.contract, Path) else agent.contract is not None,
        "planner": agent.planner,
        "isolated": agent.isolated,
        "guards": _guards(
            {name: entry for name, entry in agent.guards.items() if entry != plan.guards.entries.get(name)}
        ),
        **_hours(agent.hours),
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
        "allow": _permitted(use.permit, "allow"),
        "ask": _permitted(use.permit, "ask"),
        "deny": _permitted(use.permit, "deny"),
        "otherwise": otherwise(kinds[use.tool], explicit=use.explicit),
        "timeout": show_seconds(use.timeout),
        "retries": use.retries,
        "labels": list(use.labels),
        "refuse": list(use.refuse),
        **_hours(use.hours),
        "lines": show_place(use.place),
    }


def _permitted(permit: Permit, verdict: str) -> list[str]:
    names: tuple[str, ...] = getattr(permit, verdict)
    return [*names, *(rule.text for rule in permit.calls if rule.verdict == verdict)]


def _hours(hours: Hours | None) -> dict[str, Any]:
    return {"hours_utc": show_windows(hours.windows)} if hours is not None else {}


def _guards(entries: Mapping[str, GuardPlan]) -> dict[str, Any]:
    """Return each guard as YAML would set it: its mode, or a map when it has settings."""
    shown: dict[str, Any] = {}
    for name, entry in entries.items():
        settings = {key: list(value) if isinstance(value, tuple) else value for key, value in entry.settings.items()}
        shown[name] = {"mode": entry.mode, **settings} if settings else entry.mode
    return shown


def _approvals(approvals: ApprovalsPlan) -> dict[str, Any]:
    tools = {
        rule.tool: {"by": list(rule.by), "timeout": show_seconds(rule.timeout), "people": rule.people}
        for rule in approvals.tools
    }
    return {
        "timeout": show_seconds(approvals.timeout),
        "by": list(approvals.by),
        "most": approvals.most,
        "people": approvals.people,
        **({"tools": tools} if tools else {}),
    }


def _policy(policy: PolicyPlan) -> dict[str, Any]:
    details: dict[str, Any] = {
        "url": hide(policy.url),
        "token": str(policy.token) if policy.token else "",
        "ca": str(policy.ca) if policy.ca else "",
        "shadow": [str(path) for path in policy.shadow],
    }
    told = {key: value for key, value in details.items() if value}
    of_server = {"timeout": show_seconds(policy.timeout), "push": policy.push} if policy.engine == "opa" else {}
    return {"engine": policy.engine, **told, **of_server}


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
    marks = {"labels": list(tool.labels), "clearance": tool.clearance, "remote": tool.remote}
    return {"name": tool.principal, "kind": tool.kind, **told, **marks, "lines": show_place(tool.place)}


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
        "clearance": model.clearance,
        "remote": model.remote,
        "lines": show_place(model.place),
    }


def _values(values: Mapping[str, str | Secret]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
