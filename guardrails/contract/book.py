"""The contracts of a team's tasks, and what those tasks have read: kept only where a contract may ask for it."""

from collections.abc import Mapping
from typing import Any, Final

from lictor.guardrails.action import calls_tool, read_arguments
from lictor.guardrails.contract.bodies import read_message, read_tool_answer
from lictor.guardrails.contract.contract import Call, Contract, Declared, Finding, State
from lictor.guardrails.contract.decide import judge
from lictor.guardrails.contract.match import COMPARED
from lictor.guardrails.contract.origins import OriginStore, Speaker, TaskOrigins
from lictor.guardrails.contract.sources import types_in
from lictor.guardrails.judged import Judged
from lictor.guardrails.labels import MANY, Labels
from lictor.protocols.envelope import Envelope
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.names import Role, role_of
from lictor.protocols.subjects import Kind

_NONE: Final = Finding(State.NONE)
_MET: Final = Finding(State.MET)
_ORDER: Final = (State.NONE, State.MET, State.MISSING, State.ASK, State.BROKEN)
_MOST_ASKED: Final = 1_000


class ContractRefused(Exception):
    """Raised when a contract may not be declared; nothing was changed."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class ContractBook:
    """Judges tool calls by the contracts of their task.

    `standing` are the contracts that hold in every task of an agent; `planners` the agents that are to write one.
    """

    def __init__(
        self,
        standing: Mapping[str, Contract] | None = None,
        planners: frozenset[str] = frozenset(),
        store: OriginStore | None = None,
    ) -> None:
        self._standing = {agent: Declared(contract, trusted=True) for agent, contract in (standing or {}).items()}
        self._planners = planners
        self._store = store or OriginStore()
        self._always = bool(self._standing or planners)
        self._used = self._always
        contracts = (standing or {}).values()
        self._types = frozenset(COMPARED).union(*(types_in(contract) for contract in contracts))

    @property
    def is_used(self) -> bool:
        """Whether any task has a contract, or may have; when not, nothing is kept."""
        return self._used

    def plans(self, agent: str) -> bool:
        """Tell whether an agent is to write contracts for its tasks."""
        return agent in self._planners

    def declare(self, task: str, agent: str, declared: Declared) -> None:
        """Have a contract hold for an agent in a task, from now on; raises ContractRefused for a second one."""
        origins = self._store.begin(task, declared.by)
        if origins is None:
            raise ContractRefused("contract.forgotten", f"what task {task} has done is not known any more")
        if agent in origins.declared:
            raise ContractRefused("contract.declared", f"{agent} has a contract in task {task}: there is one in a task")
        origins.declared[agent] = declared
        self._types |= types_in(declared.contract)
        self._used = True

    def judge(self, envelope: Envelope, call: Call) -> Finding:
        """Return how a call of a tool stands to all contracts that hold for it; the strictest counts."""
        agent, task = envelope.sender, envelope.task
        origins = self._store.find(task)
        standing = self._standing.get(agent)
        if origins is None:
            if standing is None and agent not in self._planners and not self._store.is_forgotten(task):
                return _NONE
            reason = "what its task has read and done is not known, so no contract can be shown to be kept"
            return Finding(State.BROKEN, "contract.forgotten", reason)
        declared = origins.declared.get(agent)
        holding = [each for each in (standing, declared) if each is not None]
        found = [_spared(judge(each.contract, call, origins), each) for each in holding]
        if declared is None and agent in self._planners:
            reason = f"{agent} is to write a contract for its task before it acts, and has not"
            found.append(Finding(State.MISSING, "contract.missing", reason))
        return max(found, key=lambda finding: _ORDER.index(finding.state), default=_NONE)

    def witness(self, judged: Judged) -> None:
        """Take note of a message that is delivered."""
        if not self._used or not judged.judgement.passes:
            return
        envelope = judged.envelope
        request = judged.circumstances.request
        origins = self._begin(envelope)
        if origins is None:
            return
        labels = judged.circumstances.mark.labels
        before = origins.size
        if envelope.kind is Kind.A2A or (envelope.kind is Kind.REPLY and envelope.request_kind is Kind.A2A):
            _add_message(origins, envelope, labels)
        elif calls_tool(envelope.kind, judged.circumstances.action):
            _add_call(origins, envelope, judged)
        elif envelope.kind is Kind.REPLY and envelope.request_kind is Kind.MCP and request is not None:
            _add_answer(origins, envelope, request, labels)
        origins.prepare(self._types)
        self._store.keep(envelope.task, origins.size - before)

    def _begin(self, envelope: Envelope) -> TaskOrigins | None:
        if not envelope.task:
            return None
        if self._always and envelope.kind is Kind.A2A and role_of(envelope.sender) in {Role.EXTERNAL, Role.OPERATOR}:
            return self._store.begin(envelope.task, envelope.sender)
        return self._store.find(envelope.task)


def _spared(finding: Finding, declared: Declared) -> Finding:
    """Return what a kept contract comes to: one that only a stranger stands behind narrows, and spares nothing."""
    return _NONE if finding.state is State.MET and not declared.trusted else finding


def _add_message(origins: TaskOrigins, envelope: Envelope, labels: Labels) -> None:
    sender = envelope.sender
    text = read_message(envelope.body)
    outside = role_of(sender) in {Role.EXTERNAL, Role.OPERATOR}
    if not outside:
        origins.add(Speaker.AGENT, sender, text, untrusted=labels.untrusted, message=envelope.id)
    first_hand = not labels.untrusted and all(
        name != MANY and role_of(name) is not Role.TOOL for name in labels.sources
    )
    if envelope.kind is Kind.A2A and (outside or first_hand):
        origins.add(Speaker.PROMPT, sender, text, untrusted=labels.untrusted, message=envelope.id)


def _add_call(origins: TaskOrigins, envelope: Envelope, judged: Judged) -> None:
    action = judged.circumstances.action
    origins.count(envelope.sender, envelope.target, action.tool)
    if len(origins.asked) >= _MOST_ASKED:
        origins.asked.pop(next(iter(origins.asked)))
    origins.asked[envelope.id] = (action.tool, _arguments(judged))


def _arguments(judged: Judged) -> Any:  # noqa: ANN401 -- any JSON
    try:
        return read_arguments(judged.circumstances.action)
    except MalformedEnvelope:
        return {}


def _add_answer(origins: TaskOrigins, envelope: Envelope, request: Envelope, labels: Labels) -> None:
    asked = origins.asked.pop(request.id, None) if envelope.end else origins.asked.get(request.id)
    if asked is None:
        return
    text, data = read_tool_answer(envelope.body)
    tool, arguments = asked
    origins.add(
        Speaker.TOOL,
        tool,
        text,
        data,
        server=envelope.sender,
        untrusted=labels.untrusted,
        message=envelope.id,
        arguments=arguments,
    )
