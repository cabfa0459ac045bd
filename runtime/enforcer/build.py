"""From a plan to the mediation of its team: the stack of layers is the literal list below."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from lictor.guardrails.admit import Admit, AdmitLimits, TaskBudget
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.identify import Identify
from lictor.guardrails.layer import Layer
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego, check_glob
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.route import Route
from lictor.runtime.definition.plan import AgentPlan, Plan
from lictor.runtime.enforcer.gate import Gate
from lictor.runtime.enforcer.mediation import Mediation

_WINDOW: Final = 60.0
_FEWEST: Final = 1000
_FEWEST_READ: Final = 200
_READ_PER_RATE: Final = 4
"""What is over the rate is refused with a reason up to this many times the rate; what is over that is not read."""


def build_mediation(plan: Plan, name: str = "enforcer", *, clock: Callable[[], float] = time.time) -> Mediation:
    """Return the mediation of a plan's team; raises PolicyError when its policies cannot be used."""
    _check_permits(plan.policy_data)
    bundle = load_bundle(plan.policy_data, plan.policies)
    engine = EmbeddedRego(bundle)
    ledger = TaskLedger()
    catalog = ToolCatalog()
    rate, period = plan.rate
    limits = AdmitLimits(
        max_hops=plan.max_hops,
        rate=rate,
        period=period,
        budgets={agent.name: _budget(agent) for agent in plan.agents},
    )
    most = max(_FEWEST, math.ceil(2 * _WINDOW * rate / period))
    layers: list[Layer] = [
        Identify(ledger, window=_WINDOW, since=clock(), most=most),
        Admit(ledger, limits),
        Route(engine, engine.fields, catalog),
    ]
    gate = Gate(max(_FEWEST_READ, _READ_PER_RATE * rate), period)
    return Mediation(name, layers, ledger, revision=bundle.revision, catalog=catalog, gate=gate, clock=clock)


def _budget(agent: AgentPlan) -> TaskBudget:
    budget, place = agent.budget, agent.place
    return TaskBudget(
        tokens=budget.tokens,
        time=budget.time,
        messages=budget.messages,
        tool_calls=budget.tool_calls,
        depth=budget.depth,
        file=place.file,
        line=place.line,
    )


def _check_permits(team: Mapping[str, Any]) -> None:
    for agent, servers in team.get("permits", {}).items():
        for server, permit in servers.items():
            for pattern in (*permit.get("allow", ()), *permit.get("ask", ()), *permit.get("deny", ())):
                try:
                    check_glob(pattern)
                except PolicyError as error:
                    place = f"{permit.get('file', '')}:{permit.get('line', 0)}"
                    raise PolicyError(f"{place}: the permit of {agent} for {server}: {error}") from None
