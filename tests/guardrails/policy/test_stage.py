"""Equal questions are asked once, another engine is asked anew, and every decision becomes a verdict."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lictor.guardrails.action import Action
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.engine import Decision, Denial
from lictor.guardrails.policy.fields import Path
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.policy.stage import PolicyStage, met, to_verdict
from lictor.guardrails.verdict import Outcome
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

DENIAL = Denial("c", "r", "rule", "f", 1)


class Scripted:
    """Answers as it is told, and counts."""

    revision = "r"

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        self.asked: list[dict[str, Any]] = []

    @property
    def fields(self) -> Mapping[str, frozenset[Path]]:
        return {"flow": frozenset({("sender",), ("effect",)})}

    def decide(self, _stage: str, document: dict[str, Any]) -> Decision:
        self.asked.append(document)
        return self.decision


def envelope(sender: str) -> Envelope:
    return Envelope("0" * 32, sender, "b", Kind.A2A, b"{}")


ABOUT = Circumstances(0.0, Action(), None)


def test_equal_questions_are_asked_once() -> None:
    engine = Scripted(Decision(True, ()))
    stage = PolicyStage(PolicySlot(engine, Question(ToolCatalog(), TaskLedger())), "flow")
    for sender, effect in (("a", True), ("a", True), ("a", False), ("b", True), ("a", True)):
        verdict = stage.judge(envelope(sender), ABOUT, {"effect": effect, "unread": object()})
        assert verdict.outcome is Outcome.ALLOW
        assert json.loads(verdict.facts) == {"sender": sender, "effect": effect}
    assert len(engine.asked) == 3
    assert stage.reads("effect")
    assert not stage.reads("unread")


def test_another_engine_is_asked_anew() -> None:
    slot = PolicySlot(Scripted(Decision(True, ())), Question(ToolCatalog(), TaskLedger()))
    stage = PolicyStage(slot, "flow")
    assert stage.judge(envelope("a"), ABOUT, {"effect": True}).outcome is Outcome.ALLOW
    slot.swap(Scripted(Decision(False, (DENIAL,))))
    assert stage.judge(envelope("a"), ABOUT, {"effect": True}).outcome is Outcome.DENY


@pytest.mark.parametrize(
    ("decision", "outcome", "code"),
    [
        (Decision(True, ()), Outcome.ALLOW, ""),
        (Decision(True, (), (), ("audit:full",)), Outcome.ALLOW, ""),
        (Decision(True, (), (), ("redact:pii/email",)), Outcome.REDACT, ""),
        (Decision(True, (), (DENIAL,), ("redact:pii/email",)), Outcome.HOLD, "c"),
        (Decision(False, (DENIAL,), (DENIAL,)), Outcome.DENY, "c"),
        (Decision(False, ()), Outcome.DENY, "flow.default"),
        (Decision(False, (DENIAL, Denial("q", "r", "x", outcome="quarantine"))), Outcome.QUARANTINE, "q"),
    ],
)
def test_verdicts(decision: Decision, outcome: Outcome, code: str) -> None:
    verdict = to_verdict("flow", decision)
    assert (verdict.outcome, verdict.code) == (outcome, code)
    assert verdict.obligations == decision.obligations


def test_an_ask_that_is_met() -> None:
    held = to_verdict("flow", Decision(True, (), (DENIAL,), ("redact:x",)))
    assert met(held).outcome is Outcome.REDACT
    assert met(to_verdict("flow", Decision(True, (), (DENIAL,)))).outcome is Outcome.ALLOW


class Staged(Scripted):
    """Reads at content what flow has found out."""

    @property
    def fields(self) -> Mapping[str, frozenset[Path]]:
        return {"flow": frozenset(), "content": frozenset({("effect",), ("findings",)})}


def test_a_stage_is_told_what_those_before_it_found_out_of_this_message_and_of_no_other() -> None:
    engine = Staged(Decision(True, ()))
    slot = PolicySlot(engine, Question(ToolCatalog(), TaskLedger()))
    flow, content = PolicyStage(slot, "flow"), PolicyStage(slot, "content")
    first, second = envelope("a"), envelope("b")
    flow.judge(first, ABOUT, {"effect": True})
    content.judge(first, ABOUT, {"findings": {}})
    content.judge(second, ABOUT, {"findings": {}})
    flow.judge(second, ABOUT, {"effect": False})
    content.judge(second, ABOUT, {"findings": {}})
    asked = [document for document in engine.asked if "findings" in document]
    assert asked == [{"effect": True, "findings": {}}, {"findings": {}}, {"effect": False, "findings": {}}]
