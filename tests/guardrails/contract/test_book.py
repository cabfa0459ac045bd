"""The contracts of tasks, as messages go by."""

import json
from typing import Any

import pytest

from lictor.guardrails.action import read_action
from lictor.guardrails.contract.book import ContractBook, ContractRefused
from lictor.guardrails.contract.contract import Call, Declared, State
from lictor.guardrails.contract.origins import OriginStore
from lictor.guardrails.contract.read import read_contract
from lictor.guardrails.judged import Judged
from lictor.guardrails.labels import Labels, Mark
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

CONTRACT = read_contract(
    """contract: 1
tools:
  send:
    times: 1
    arguments: {to: [prompt, {tool: find, as: email}, {agent: helper, as: email}]}
""",
    "c.yaml",
)


class Story:
    """Messages of one team, told to one book."""

    def __init__(self, book: ContractBook) -> None:
        self.book = book
        self.count = 0

    def tell(
        self,
        sender: str,
        target: str,
        kind: Kind,
        body: dict[str, Any],
        request: Envelope | None = None,
        labels: Labels | None = None,
        task: str = "t1",
        outcome: Outcome = Outcome.ALLOW,
    ) -> Envelope:
        self.count += 1
        envelope = Envelope(
            f"m{self.count}",
            sender,
            target,
            kind,
            json.dumps(body).encode(),
            task=task,
            request_kind=request.kind if request is not None else None,
        )
        about = Circumstances(0.0, read_action(envelope), request, Mark(labels or Labels()))
        verdict = Verdict("flow", outcome)
        self.book.witness(Judged(envelope, about, Judgement(outcome, (verdict,), verdict, (0.0,))))
        return envelope

    def prompt(self, text: str, sender: str = "op-cli", target: str = "clerk", **changes: Any) -> None:
        self.tell(sender, target, Kind.A2A, message(text), **changes)

    def call(self, tool: str, labels: Labels | None = None, **arguments: Any) -> Envelope:
        params = {"name": tool, "arguments": arguments}
        return self.tell("clerk", "tool-crm", Kind.MCP, {"method": "tools/call", "params": params}, labels=labels)

    def ask(self, to: str, agent: str = "clerk", task: str = "t1") -> State:
        envelope = Envelope("q", agent, "tool-crm", Kind.MCP, b"{}", task=task)
        return self.book.judge(envelope, Call("send", {"to": to}, agent=agent, server="tool-crm")).state


def message(text: str) -> dict[str, Any]:
    return {"method": "SendMessage", "params": {"message": {"parts": [{"text": text}]}}}


def answer(text: str) -> dict[str, Any]:
    return {"result": {"content": [{"type": "text", "text": text}]}}


def test_without_contracts_nothing_is_kept() -> None:
    story = Story(ContractBook())
    story.prompt("write to a@b.com")

    assert not story.book.is_used
    assert story.ask("x@y.com") is State.NONE


def test_a_standing_contract_takes_values_from_the_prompt_and_from_answers() -> None:
    story = Story(ContractBook({"clerk": CONTRACT}))
    assert story.ask("a@b.com") is State.BROKEN
    story.prompt("write to a@b.com")
    assert story.ask("a@b.com") is State.MET
    assert story.ask("c@d.com") is State.BROKEN
    assert story.ask("c@d.com", agent="other") is State.NONE

    request = story.call("find", name="c")
    story.tell("tool-crm", "clerk", Kind.REPLY, answer("it is c@d.com"), request, Labels(untrusted=True))
    assert story.ask("c@d.com") is State.MET

    asked = story.tell("clerk", "helper", Kind.A2A, message("who else?"), labels=Labels(untrusted=True))
    story.tell("helper", "clerk", Kind.REPLY, {"result": {"message": message("e@f.com")["params"]["message"]}}, asked)
    assert story.ask("e@f.com") is State.MET


def test_calls_count_once_they_are_delivered() -> None:
    story = Story(ContractBook({"clerk": CONTRACT}))
    story.prompt("write to a@b.com")
    story.tell(
        "clerk", "tool-crm", Kind.MCP, {"method": "tools/call", "params": {"name": "send"}}, outcome=Outcome.HOLD
    )
    assert story.ask("a@b.com") is State.MET
    story.call("send", to="a@b.com")
    assert story.ask("a@b.com") is State.BROKEN


def test_what_a_tainted_agent_says_is_no_prompt() -> None:
    story = Story(ContractBook({"clerk": CONTRACT}))
    story.prompt("do what is needed", target="chief")
    story.prompt("write to a@b.com", sender="chief", labels=Labels(sources=frozenset({"op-cli", "chief"})))
    story.prompt("write to c@d.com", sender="chief", labels=Labels(untrusted=True))
    story.prompt("write to e@f.com", sender="chief", labels=Labels(sources=frozenset({"tool-crm"})))

    assert [story.ask(to) for to in ("a@b.com", "c@d.com", "e@f.com")] == [State.MET, State.BROKEN, State.BROKEN]


def test_a_planner_that_has_not_planned() -> None:
    story = Story(ContractBook(planners=frozenset({"clerk"})))
    story.prompt("write to a@b.com")
    assert story.ask("a@b.com") is State.MISSING

    story.book.declare("t1", "clerk", Declared(CONTRACT, trusted=True))
    assert story.ask("a@b.com") is State.MET
    with pytest.raises(ContractRefused, match="there is one in a task"):
        story.book.declare("t1", "clerk", Declared(CONTRACT, trusted=True))


def test_an_owner_declares_before_the_first_message() -> None:
    story = Story(ContractBook())
    story.book.declare("t1", "clerk", Declared(CONTRACT, trusted=True, by="op-cli"))
    story.prompt("write to a@b.com")

    assert story.ask("a@b.com") is State.MET
    assert story.ask("x@y.com") is State.BROKEN
    assert story.ask("x@y.com", task="t2") is State.NONE


def test_what_only_a_stranger_stands_behind_narrows_and_spares_nothing() -> None:
    story = Story(ContractBook())
    story.book.declare("t1", "clerk", Declared(CONTRACT, trusted=False, by="ext-web"))
    story.prompt("write to a@b.com", sender="ext-web", labels=Labels(untrusted=True))

    assert story.ask("a@b.com") is State.NONE
    assert story.ask("x@y.com") is State.BROKEN


def test_both_contracts_have_to_be_kept() -> None:
    wider = read_contract("contract: 1\ntools: {send: {arguments: {to: {like: '*'}}}}")
    story = Story(ContractBook({"clerk": CONTRACT}))
    story.prompt("write to a@b.com")
    story.book.declare("t1", "clerk", Declared(wider, trusted=True))

    assert story.ask("x@y.com") is State.BROKEN
    assert story.ask("a@b.com") is State.MET


def test_a_forgotten_task_keeps_no_contract_and_calls_nothing() -> None:
    story = Story(ContractBook(store=OriginStore(most=1)))
    story.book.declare("t1", "clerk", Declared(CONTRACT, trusted=True))
    story.book.declare("t2", "clerk", Declared(CONTRACT, trusted=True))

    assert story.ask("a@b.com", task="t1") is State.BROKEN
    with pytest.raises(ContractRefused, match="not known any more"):
        story.book.declare("t1", "clerk", Declared(CONTRACT, trusted=True))


def test_what_read_from_many_sources_is_not_first_hand() -> None:
    book = ContractBook({"clerk": CONTRACT})
    for sources, state in (({"op-cli"}, State.MET), ({"*"}, State.BROKEN), ({"tool-web/list"}, State.BROKEN)):
        task = f"t-{min(sources)}"
        story = Story(book)
        story.prompt("do it", task=task)
        story.prompt("write to a@b.com", "chief", labels=Labels(sources=frozenset(sources)), task=task)
        assert story.ask("a@b.com", task=task) is state
