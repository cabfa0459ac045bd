"""What is written, well formed, and still does nothing or more than was meant: warnings about the team as a whole."""

from collections.abc import Mapping

from lictor.runtime.definition.plan import AgentPlan
from lictor.runtime.definition.problem import Problem, Severity
from lictor.runtime.definition.team import Team


def check_reach(team: Team, agents: tuple[AgentPlan, ...]) -> list[Problem]:
    """Return the warnings; the team has no errors."""
    edges = {agent.name: agent.delegates for agent in agents}
    problems = [*_unreached(team, agents, edges), *_orders_nothing(team, agents)]
    if team.guards is None or "loops" not in team.guards.spec:
        problems += _cycles(team, edges)
    return problems


def _warning(code: str, message: str, team: Team, agent: str, *steps: str | int, hint: str = "") -> Problem:
    entry = team.agents[agent]
    return Problem(code, message, entry.span(*steps, key=True), hint, Severity.WARNING)


def _unreached(team: Team, agents: tuple[AgentPlan, ...], edges: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    waiting = [agents[0].name, *(agent.name for agent in agents if agent.expose)] if agents else []
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += edges[name]
    hint = "add it to the delegates of an agent, or expose it"
    return (
        [
            _warning(
                "L303", f"no agent delegates to '{agent.name}', and it is not exposed", team, agent.name, hint=hint
            )
            for agent in agents
            if agent.name not in reached and not any(agent.name in targets for targets in edges.values())
        ]
        if any(edges.values())
        else []
    )


def _orders_nothing(team: Team, agents: tuple[AgentPlan, ...]) -> list[Problem]:
    return [
        _warning(
            "L307",
            f"agent '{agent.name}' has no tools and no delegates that could be in order",
            team,
            agent.name,
            "route",
        )
        for agent in agents
        if agent.route == "in-order" and not agent.tools and not agent.delegates and team.agents[agent.name].spec.route
    ]


def _cycles(team: Team, edges: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    """Find, for each knot of agents that can reach one another, one cycle to show."""
    problems: list[Problem] = []
    told: set[str] = set()
    for start in edges:
        if start in told:
            continue
        path = _way_back(start, edges)
        if path:
            told.update(path)
            shown = " → ".join([*path, start])
            message = f"these agents can delegate in a circle: {shown}"
            hint = "set guards: {loops: {max_hops: …}}; it is 12 otherwise"
            problems.append(_warning("L305", message, team, start, "delegates", hint=hint))
    return problems


def _way_back(start: str, edges: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the shortest way from an agent to itself; empty when there is none."""
    came_from: dict[str, str] = {}
    waiting = [start]
    for name in waiting:
        for target in edges[name]:
            if target == start:
                path = [name]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return path[::-1]
            if target not in came_from:
                came_from[target] = name
                waiting.append(target)
    return []
