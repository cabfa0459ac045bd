"""The operation that declares a task's contract, and the contracts that a team's file holds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from lictor.guardrails.contract.book import ContractBook, ContractRefused
from lictor.guardrails.contract.contract import Contract, Declared
from lictor.guardrails.contract.places import ContractError
from lictor.guardrails.contract.read import make_contract, read_contract
from lictor.guardrails.labels import MANY
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.provenance.provenance import LISTED, Provenance
from lictor.protocols.names import Role, role_of
from lictor.runtime.definition.plan import AgentPlan
from lictor.runtime.enforcer.operations.operation import Effect, OperationFailed, OperatorCall

_NAME: Final = "contract.declare"
_LONGEST: Final = 2_000


class _Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    contract: dict[str, Any] | str
    agent: str = ""


class DeclareContract:
    """Has a contract hold for one agent in one task: once, and before the agent has read anything from elsewhere.

    The owner of a task may declare for any agent, before the task's first message; an agent with a `planner:` for
    itself. What an outside caller stands behind narrows what the task may do, and spares nobody's approval.
    """

    name = _NAME
    summary = "Declare the {contract} of this task for {agent}; an agent declares its own."

    def __init__(self, book: ContractBook, provenance: Provenance, ledger: TaskLedger, agents: frozenset[str]) -> None:
        self._book = book
        self._provenance = provenance
        self._ledger = ledger
        self._agents = agents

    def run(self, call: OperatorCall) -> Effect:
        """Take `{contract, agent}`; the contract is an object, or text in YAML."""
        sender, task = call.envelope.sender, call.envelope.task
        wanted = self._read(call)
        agent = wanted.agent or sender
        if agent not in self._agents:
            raise OperationFailed("contract.agent", f"there is no agent {agent!r}: name the one that it is for")
        trusted = self._trust(sender, agent, task)
        contract = _contract(wanted.contract)
        try:
            self._book.declare(task, agent, Declared(contract, trusted, sender))
        except ContractRefused as error:
            raise OperationFailed(error.code, str(error)) from None
        return Effect({"task": task, "agent": agent, "tools": sorted(contract.tools), "spares_approvals": trusted})

    def _read(self, call: OperatorCall) -> _Declaration:
        try:
            return msgspec.convert(dict(call.arguments), _Declaration)
        except (msgspec.ValidationError, TypeError) as error:
            raise OperationFailed("contract.arguments", f"send {{contract, agent}}: {error}") from None

    def _trust(self, sender: str, agent: str, task: str) -> bool:
        """Tell whether who declares is trusted; raises OperationFailed when it may not declare at all."""
        role = role_of(sender)
        if role in {Role.OPERATOR, Role.EXTERNAL}:
            if not task or self._ledger.owner(task) != sender:
                raise OperationFailed(
                    "contract.not_owner", f"{sender} did not start the task it declares a contract for"
                )
            return role is Role.OPERATOR
        if agent != sender:
            raise OperationFailed("contract.not_own", f"{sender} may declare a contract for itself alone")
        if not self._book.plans(sender):
            raise OperationFailed("contract.no_planner", f"{sender} has no `planner:` in the team's file")
        labels = self._provenance.mark_of(task, sender).labels
        owner = self._ledger.owner(task)
        inside = {Role.AGENT, Role.MODEL}
        # A planner has to see which tools there are before it plans; that a server listed them is no reading of data.
        read = [name for name in labels.sources if not name.endswith(LISTED)]
        elsewhere = [name for name in read if name != owner and (name == MANY or role_of(name) not in inside)]
        if elsewhere or (labels.untrusted and role_of(owner) is not Role.EXTERNAL):
            said = ", ".join(sorted(elsewhere)) or "somebody untrusted"
            raise OperationFailed("contract.too_late", f"{sender} has read from {said} already: declare before that")
        return not labels.untrusted


def _contract(given: Mapping[str, Any] | str) -> Contract:
    try:
        return read_contract(given, "declared") if isinstance(given, str) else make_contract(given, "declared")
    except ContractError as error:
        raise OperationFailed("contract.malformed", f"it is no contract: {str(error)[:_LONGEST]}") from None


def load_contracts(agents: tuple[AgentPlan, ...]) -> dict[str, Contract]:
    """Return the contracts that hold in every task of an agent; raises ContractError and OSError."""
    found: dict[str, Contract] = {}
    for agent in agents:
        if isinstance(agent.contract, Path):
            found[agent.name] = read_contract(agent.contract.read_text(encoding="utf-8"), agent.contract.name)
        elif agent.contract is not None:
            found[agent.name] = make_contract(agent.contract, agent.place.file, agent.place.line)
    return found
