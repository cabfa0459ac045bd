"""From a plan to the mediation of its team: the stack of layers is the literal list below."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from lictor.guardrails.admit import Admit, AdmitLimits, TaskBudget
from lictor.guardrails.approvals.right import ApprovalRight
from lictor.guardrails.behaviour.layer import Behaviour
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.content.layer import Content
from lictor.guardrails.content.sealing import seal
from lictor.guardrails.contract.book import ContractBook
from lictor.guardrails.contract.places import ContractError
from lictor.guardrails.effects import Effects
from lictor.guardrails.flow import Flow
from lictor.guardrails.identify import Identify
from lictor.guardrails.judged import Judged
from lictor.guardrails.layer import Layer
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.bundle import Module, load_bundle, user_modules
from lictor.guardrails.policy.embedded_rego import EmbeddedRego, check_glob
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.provenance.nature import read_natures
from lictor.guardrails.provenance.provenance import Provenance
from lictor.guardrails.route import Route
from lictor.guardrails.verdict import Verdict
from lictor.runtime.definition.plan import AgentPlan, Plan, Secret
from lictor.runtime.enforcer.approval_table import build_table
from lictor.runtime.enforcer.engines import compose_draft, make_engine
from lictor.runtime.enforcer.faculties import Faculties
from lictor.runtime.enforcer.gate import Gate
from lictor.runtime.enforcer.holding import Courier, Holding
from lictor.runtime.enforcer.mediation import Mediation
from lictor.runtime.enforcer.operations.approvals import approval_operations
from lictor.runtime.enforcer.operations.conduct import ReleaseConduct, ShowConduct
from lictor.runtime.enforcer.operations.contract import DeclareContract, load_contracts
from lictor.runtime.enforcer.operations.labels import ShowLabels
from lictor.runtime.enforcer.operations.operation import Operation
from lictor.runtime.enforcer.operations.policy import policy_operations
from lictor.runtime.enforcer.operations.reveal import RevealMessage
from lictor.runtime.enforcer.operations.shadow import ShadowPolicy
from lictor.runtime.enforcer.pending import PendingTable
from lictor.runtime.enforcer.shadow import Shadow

_WINDOW: Final = 60.0
_FEWEST: Final = 1000
_FEWEST_READ: Final = 200
_READ_PER_RATE: Final = 4
"""What is over the rate is refused with a reason up to this many times the rate; what is over that is not read."""


def build_mediation(
    plan: Plan,
    name: str = "enforcer",
    *,
    clock: Callable[[], float] = time.time,
    seal_key: bytes = b"",
    equip: Callable[[Faculties], Faculties] = lambda faculties: faculties,
) -> Mediation:
    """Return the mediation of a plan's team; raises PolicyError when its policies or contracts cannot be used.

    What is redacted is sealed under `seal_key`, 32 bytes; without one it is gone. `equip` may change what the
    mediation can do beside asking its layers.
    """
    team = plan.policy_data
    _check_permits(team)
    bundle = load_bundle(team, plan.policies)
    ledger, catalog = TaskLedger(), ToolCatalog()
    slot = PolicySlot(make_engine(bundle, plan.policy), Question(catalog, ledger))
    effects = Effects(team, catalog)
    provenance = Provenance(read_natures(team), effects.reads_only)
    book = ContractBook(_contracts(plan), frozenset(agent.name for agent in plan.agents if agent.planner))
    budgets = {agent.name: _budget(agent) for agent in plan.agents}
    rate, period = plan.rate
    limits = AdmitLimits(max_hops=plan.max_hops, rate=rate, period=period, budgets=budgets)
    most = max(_FEWEST, math.ceil(2 * _WINDOW * rate / period))
    flow = Flow(slot, effects, book)
    content = _content(plan, slot)
    behaviour = Behaviour(slot, ledger, catalog, budgets=budgets)
    shadow = Shadow(slot.question)
    layers: list[Layer] = [
        Identify(ledger, window=_WINDOW, since=clock(), most=most),
        Admit(ledger, limits),
        Route(slot),
        flow,
        content,
        behaviour,
    ]
    operations: dict[str, Operation] = {}
    faculties = Faculties(
        mark_of=provenance.of,
        conduct_of=behaviour.conduct.score,
        witnesses=(
            provenance.witness,
            flow.witness,
            partial(_note_content, content),
            partial(_note_behaviour, behaviour),
            shadow.witness,
        ),
        redact=partial(_redact, content, seal_key),
        marks=provenance.changes,
        restore=provenance.restore,
        replaced=provenance.forget_instance,
        ticks=(behaviour.tick,),
        shadows=shadow.work,
        reflects=lambda: shadow.busy,
        operations=operations,
    )

    def hold(courier: Courier, pending: PendingTable) -> Holding:
        holding = Holding(build_table(plan.approvals), pending, ledger, ApprovalRight(slot), courier)
        operations.update((each.name, each) for each in approval_operations(holding))
        return holding

    def draft(modules: Sequence[Module]) -> EmbeddedRego:
        return EmbeddedRego(compose_draft(plan, modules))

    for operation in (
        *policy_operations(plan, bundle, slot),
        ShadowPolicy(shadow, draft),
        DeclareContract(book, provenance, ledger, frozenset(agent.name for agent in plan.agents)),
        ShowLabels(provenance),
        ShowConduct(behaviour),
        ReleaseConduct(behaviour),
        RevealMessage(),
    ):
        operations[operation.name] = operation
    if plan.policy.shadow:
        shadow.start(draft(user_modules(plan.policy.shadow)))
    return Mediation(
        name,
        layers,
        ledger,
        revision=lambda: slot.engine.revision,
        faculties=equip(faculties),
        catalog=catalog,
        gate=Gate(max(_FEWEST_READ, _READ_PER_RATE * rate), period),
        clock=clock,
        holding=hold,
    )


def _content(plan: Plan, slot: PolicySlot) -> Content:
    return Content(
        slot,
        known=dict(_secrets(plan)),
        schemas={agent.name: agent.output for agent in plan.agents if agent.output is not None},
        grounded=[
            agent.name
            for agent in plan.agents
            if "groundedness" in agent.guards and agent.guards["groundedness"].mode != "off"
        ],
    )


def _secrets(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the team's own secrets, so that nothing carries them: each by where it is used."""
    for tool in plan.tools:
        for name, value in (*tool.environment.items(), *tool.headers.items()):
            if isinstance(value, Secret):
                yield f"{tool.principal}/{name}", value.value
    for model in plan.models:
        if model.api_key is not None:
            yield f"{model.principal}/api_key", model.api_key.value


def _contracts(plan: Plan) -> Mapping[str, Any]:
    try:
        return load_contracts(plan.agents)
    except (ContractError, OSError) as error:
        raise PolicyError(str(error)) from None


def _note_content(content: Content, judged: Judged) -> None:
    if judged.judgement.passes:
        content.delivered(judged.envelope)


def _note_behaviour(behaviour: Behaviour, judged: Judged) -> Verdict | None:
    return behaviour.note_judgement(judged.envelope, judged.judgement, judged.circumstances.now)


def _redact(content: Content, key: bytes, body: bytes, classes: Sequence[str]) -> tuple[bytes, bytes]:
    done = content.redact(body, classes)
    return done.body, seal(done.removed, key) if key else b""


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
