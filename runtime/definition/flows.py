"""Warnings about labels: refusals that cannot happen, words that nothing looks at, strangers that can act."""

import re
from collections.abc import Iterator

from lictor.runtime.definition.marking import BUILT_IN, LEVELS, UNTRUSTED
from lictor.runtime.definition.plan import Plan, ToolUse
from lictor.runtime.definition.problem import Problem, Severity, Span, guess
from lictor.runtime.definition.team import Team

_Word = tuple[str, Span]


def check_flows(team: Team, plan: Plan) -> list[Problem]:
    """Return the warnings; the team has no errors."""
    carried, refused = list(_carried(team)), list(_refused(team))
    read = _read_by_rules(plan)
    return [
        *_never(refused, {word for word, _ in carried} | read),
        *_unread(carried, {word for word, _ in refused} | read),
        *_strangers(team, plan),
        *_beyond(team, plan),
    ]


def _never(refused: list[_Word], known: set[str]) -> Iterator[Problem]:
    """Refusals of words that nothing carries; what a rule reads, it may give as well."""
    for word, span in refused:
        if word not in BUILT_IN and word not in known:
            message = f"nothing ever carries the label '{word}', so this refusal never happens"
            hint = guess(word, known | BUILT_IN) or "give it to something with labels: or emits:"
            yield Problem("L309", message, span, hint, Severity.WARNING)


def _unread(carried: list[_Word], looked_at: set[str]) -> Iterator[Problem]:
    for word, span in carried:
        if word not in BUILT_IN and word not in looked_at:
            message = f"no tool refuses the label '{word}', and no policy reads it"
            hint = guess(word, BUILT_IN) or "refuse it somewhere, or read it in a policy"
            yield Problem("L310", message, span, hint, Severity.WARNING)


def _strangers(team: Team, plan: Plan) -> Iterator[Problem]:
    kinds = {tool.principal: tool.kind for tool in plan.tools}
    for agent in plan.agents:
        taint = agent.guards.get("taint")
        if taint is None or taint.mode != "off" or agent.contract is not None or agent.planner:
            continue
        reads = next((use for use in agent.tools if UNTRUSTED in use.labels), None)
        acts = next((use for use in agent.tools if _may_act(use, kinds[use.tool])), None)
        if reads is not None and acts is not None:
            entry = team.agents[agent.name]
            message = (
                f"agent '{agent.name}' reads text of strangers from {reads.tool} and may act with {acts.tool} unasked"
            )
            hint = "leave the guard taint on, move the tool to ask:, or write a contract"
            yield Problem("L311", message, entry.span("tools", key=True), hint, Severity.WARNING)


def _may_act(use: ToolUse, kind: str) -> bool:
    """Tell whether a call with outside effects may pass without a person, as far as the file says."""
    if kind == "rag" or UNTRUSTED in use.refuse:
        return False
    allowed = [*use.permit.allow, *(rule.tool for rule in use.permit.calls if rule.verdict == "allow")]
    return bool(allowed) or (kind == "python" and not use.explicit)


def _beyond(team: Team, plan: Plan) -> Iterator[Problem]:
    for agent in plan.agents:
        for index, use in enumerate(agent.tools):
            level = max((word for word in use.labels if word in LEVELS), key=LEVELS.index, default=LEVELS[0])
            if LEVELS.index(level) > LEVELS.index(agent.clearance):
                entry = team.agents[agent.name]
                message = (
                    f"what {use.tool} returns is {level}, and agent '{agent.name}' may see what is {agent.clearance}"
                )
                hint = f"write clearance: {level}"
                yield Problem("L312", message, entry.span("tools", index), hint, Severity.WARNING)


def _carried(team: Team) -> Iterator[_Word]:
    for server in team.servers.values():
        if not isinstance(server.spec, str):
            for index, word in enumerate(server.spec.labels or ()):
                yield word, server.span("labels", index)
    for agent in team.agents.values():
        for index, word in enumerate(agent.spec.emits):
            yield word, agent.span("emits", index)
        for at, tool in enumerate(agent.spec.tools):
            for index, word in enumerate(tool.labels or ()):
                yield word, agent.span("tools", at, "labels", index)


def _refused(team: Team) -> Iterator[_Word]:
    for server in team.servers.values():
        if not isinstance(server.spec, str):
            for index, word in enumerate(server.spec.refuse):
                yield word, server.span("refuse", index)
    for agent in team.agents.values():
        for at, tool in enumerate(agent.spec.tools):
            for index, word in enumerate(tool.refuse):
                yield word, agent.span("tools", at, "refuse", index)


def _read_by_rules(plan: Plan) -> set[str]:
    """Return every word that stands in a text of the team's own rules: more than they read, never less."""
    found: set[str] = set()
    for path in plan.policies:
        found.update(re.findall(r"[a-z][a-z0-9-]*", path.read_text(encoding="utf-8", errors="replace")))
    return found
