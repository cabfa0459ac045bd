"""Declaring a contract for a task."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mediated_team import agent

from lictor.guardrails.action import Action
from lictor.guardrails.contract.book import ContractBook
from lictor.guardrails.contract.contract import Call, State
from lictor.guardrails.contract.places import ContractError
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.provenance.nature import read_natures
from lictor.guardrails.provenance.provenance import Provenance
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.operations.contract import DeclareContract, load_contracts
from lictor.runtime.enforcer.operations.operation import OperationFailed, OperatorCall

TEAM: dict[str, Any] = {
    "agents": {"clerk": {"isolated": True}, "chief": {"isolated": True}},
    "tools": {"tool-crm": {"kind": "mcp-stdio", "labels": []}},
    "models": {"model-small": {"remote": False}},
    "permits": {},
}
CONTRACT = {"contract": 1, "tools": {"send": {"arguments": {"to": "prompt"}}}}


class World:
    """A task of an owner, and the operation."""

    def __init__(self, owner: str = "op-cli", planners: tuple[str, ...] = ("clerk",)) -> None:
        self.ledger = TaskLedger()
        self.ledger.joins("t1", owner, starts=True, now=0.0)
        self.book = ContractBook(planners=frozenset(planners))
        self.provenance = Provenance(read_natures(TEAM), lambda _server, _tool: True)
        self.operation = DeclareContract(self.book, self.provenance, self.ledger, frozenset(TEAM["agents"]))
        self.tell(owner, "clerk", Kind.A2A)

    def tell(
        self, sender: str, target: str, kind: Kind, request: Envelope | None = None, method: str = "tools/call"
    ) -> Envelope:
        envelope = Envelope("m", sender, target, kind, b"{}", task="t1", request_kind=request.kind if request else None)
        self.provenance.delivered(envelope, self.provenance.of(envelope, request), Action(method, "find"))
        return envelope

    def use(self, server: str) -> None:
        kind = Kind.MODEL if server.startswith("model-") else Kind.MCP
        self.tell(server, "clerk", Kind.REPLY, self.tell("clerk", server, kind))

    def declare(self, sender: str, contract: Any = None, task: str = "t1", **more: Any) -> dict[str, Any]:
        envelope = Envelope("d", sender, "enforcer", Kind.MCP, b"{}", task=task)
        arguments = {"contract": CONTRACT if contract is None else contract, **more}
        return dict(self.operation.run(OperatorCall(envelope, arguments, 0.0)).answer)

    def state(self, agent_name: str = "clerk") -> State:
        return self.book.judge(
            Envelope("c", agent_name, "tool-crm", Kind.MCP, b"{}", task="t1"), Call("other", {})
        ).state


def refused(world: World, sender: str, **more: Any) -> str:
    with pytest.raises(OperationFailed) as caught:
        world.declare(sender, **more)
    return caught.value.code


def test_the_owner_declares_for_any_agent() -> None:
    world = World()

    assert world.declare("op-cli", agent="chief") == {
        "task": "t1",
        "agent": "chief",
        "tools": ["send"],
        "spares_approvals": True,
    }
    assert world.state("chief") is State.BROKEN
    assert refused(world, "op-cli", agent="chief") == "contract.declared"


def test_an_agent_declares_its_own_before_it_reads() -> None:
    world = World()
    world.use("model-small")

    assert world.declare("clerk", contract="contract: 1\ntools: {}")["spares_approvals"]
    assert world.state() is State.BROKEN


def test_looking_at_the_tools_is_no_reading() -> None:
    world = World()
    request = world.tell("clerk", "tool-crm", Kind.MCP, method="tools/list")
    world.tell("tool-crm", "clerk", Kind.REPLY, request)

    assert world.declare("clerk")["spares_approvals"]


def test_after_it_has_read_it_is_too_late() -> None:
    world = World()
    world.use("tool-crm")

    assert refused(world, "clerk") == "contract.too_late"


def test_a_contract_from_an_outside_callers_prompt_spares_nobody() -> None:
    world = World("ext-web")

    assert not world.declare("clerk")["spares_approvals"]
    assert not World("ext-web").declare("ext-web", agent="clerk")["spares_approvals"]


def test_who_may_not_declare() -> None:
    world = World()

    assert refused(world, "op-other", agent="clerk") == "contract.not_owner"
    assert refused(world, "op-cli", agent="clerk", task="") == "contract.not_owner"
    assert refused(world, "op-cli", agent="nobody") == "contract.agent"
    assert refused(world, "clerk", agent="chief") == "contract.not_own"
    assert refused(world, "chief") == "contract.no_planner"


def test_what_is_no_contract() -> None:
    world = World()

    assert refused(world, "clerk", contract={"contract": 2, "tools": {}}) == "contract.malformed"
    assert refused(world, "clerk", contract=3) == "contract.arguments"
    assert refused(world, "clerk", more=1) == "contract.arguments"
    assert world.declare("clerk")["tools"] == ["send"]


def test_contracts_of_the_teams_file(tmp_path: Path) -> None:
    file = tmp_path / "clerk.yaml"
    file.write_text("contract: 1\ntools: {send: {}}\n", encoding="utf-8")
    agents = (replace(agent("clerk"), contract=file), replace(agent("chief"), contract=CONTRACT), agent("other"))

    found = load_contracts(agents)
    assert {name: (contract.file, list(contract.tools)) for name, contract in found.items()} == {
        "clerk": ("clerk.yaml", ["send"]),
        "chief": ("team.yaml", ["send"]),
    }
    file.write_text("contract: 1\n", encoding="utf-8")
    with pytest.raises(ContractError, match="'tools' is missing"):
        load_contracts(agents)
