"""Who may approve: the policy's word, and what it is told."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from lictor.guardrails.action import Action
from lictor.guardrails.approvals.digest import Deed
from lictor.guardrails.approvals.held import Held, Waiting
from lictor.guardrails.approvals.right import ApprovalRight, question
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.labels import Mark, parse_labels
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import Decision, Denial, PolicyError
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

WHY = Verdict("flow", Outcome.HOLD, "flow.untrusted", "untrusted data is in context", "rule", "desk.yaml", 6)
MARK = Mark(parse_labels(["secret", "untrusted", "customer"], ["tool-crm"]))


def held(arguments: bytes = b'{"amount":7}') -> Held:
    envelope = Envelope("1", "triage", "tool-bank", Kind.MCP, b"", task="t")
    deed = Deed("triage", "tool-bank", "mcp", "tools/call", "pay", arguments, b"{}", "t", "0" * 64)
    about = Circumstances(1.0, Action("tools/call", "pay"), mark=MARK)
    waiting = Waiting(envelope, about, Judgement(Outcome.HOLD, (WHY,), WHY, (1.0,)), 1)
    return Held("a" * 32, deed, (waiting,), WHY, 1.0, 601.0, agreed=("op-a",))


class Says:
    """An engine that says one thing."""

    revision = "1"
    fields: Mapping[str, frozenset[tuple[str, ...]]] = {}

    def __init__(self, decision: Decision | None) -> None:
        self.decision = decision
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def decide(self, stage: str, document: dict[str, Any]) -> Decision:
        self.asked.append((stage, document))
        if self.decision is None:
            raise PolicyError("it is gone")
        return self.decision


def right(engine: Any) -> ApprovalRight:
    return ApprovalRight(PolicySlot(engine, Question(ToolCatalog(), TaskLedger())))


def test_what_the_policy_is_told() -> None:
    engine = Says(Decision(allow=True, denials=()))
    right(engine).judge(held(), "op-cli", "ext-shop", edited=True)
    [(stage, document)] = engine.asked
    assert stage == "approve"
    assert document == question(held(), "op-cli", "ext-shop", edited=True)
    assert document["edited"] is True
    assert document["held"]["arguments"] == {"amount": 7}
    assert document["held"]["owner"] == "ext-shop"
    assert document["held"]["agreed"] == ["op-a"]
    assert document["held"]["labels"] == {
        "level": "secret",
        "untrusted": True,
        "tags": ["customer"],
        "sources": ["tool-crm"],
    }
    assert question(held(b""), "op-cli", "", edited=False)["held"]["arguments"] == {}


@pytest.mark.parametrize(
    ("decision", "denied", "more"),
    [
        (Decision(allow=True, denials=()), "", ""),
        (Decision(allow=False, denials=()), "approve.default", ""),
        (Decision(allow=False, denials=(Denial("x", "no", ""),)), "x", ""),
        (Decision(allow=True, denials=(Denial("x", "no", ""),)), "x", ""),
        (Decision(allow=True, denials=(), asks=(Denial("y", "two", ""),)), "", "y"),
        (Decision(allow=False, denials=(), asks=(Denial("y", "two", ""),)), "approve.default", ""),
    ],
)
def test_what_its_word_comes_to(decision: Decision, denied: str, more: str) -> None:
    word = right(Says(decision)).judge(held(), "op-cli", "op-cli", edited=False)
    assert (word.denial.code if word.denial else "") == denied
    assert (word.more.code if word.more else "") == more


def test_no_answer_is_no() -> None:
    with pytest.raises(PolicyError):
        right(Says(None)).judge(held(), "op-cli", "op-cli", edited=False)


def test_the_built_in_rules() -> None:
    bundle = load_bundle({"approvals": {"by": ["op-*"], "people": 2}}, ())
    asks = right(EmbeddedRego(bundle))
    enough = asks.judge(held(), "op-b", "op-cli", edited=False)
    assert (enough.denial, enough.more) == (None, None)
    again = asks.judge(held(), "op-a", "op-cli", edited=False)
    assert again.more is not None
    assert again.more.reason == "1 of 2 people have approved it"
    stranger = asks.judge(held(), "ext-shop", "op-cli", edited=False)
    assert stranger.denial is not None
    assert stranger.denial.code == "approve.not_an_approver"
    own = asks.judge(held(), "triage", "op-cli", edited=False)
    assert own.denial is not None


def test_the_policy_is_asked_about_each_ask() -> None:
    other = Verdict("content", Outcome.HOLD, "content.injection", "it reads like an order")
    one = held()
    waiting = msgspec.structs.replace(one.first, judgement=Judgement(Outcome.HOLD, (WHY, other), WHY, (1.0, 1.0)))
    engine = Says(Decision(allow=True, denials=()))
    right(engine).judge(msgspec.structs.replace(one, messages=(waiting,)), "op-cli", "ext-shop", edited=False)
    assert [document["held"]["code"] for _, document in engine.asked] == ["flow.untrusted", "content.injection"]
    for _, document in engine.asked:
        assert document["held"]["codes"] == ["flow.untrusted", "content.injection"]
