"""Layer route: it asks its stage and has nothing to add; test_stage.py is about the asking."""

from typing import Any

import pytest

from lictor.guardrails.action import Action
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.engine import Decision, Denial, PolicyError
from lictor.guardrails.policy.question import Question
from lictor.guardrails.policy.slot import PolicySlot
from lictor.guardrails.route import Route
from lictor.guardrails.verdict import Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind


class Engine:
    """Reads these fields, counts what it is asked, and gives what it was told to."""

    revision = "r"

    def __init__(self, answer: Decision | None, *fields: tuple[str, ...]) -> None:
        self.answer = answer
        self.fields = {"route": frozenset(fields)}
        self.asked: list[dict[str, Any]] = []

    def decide(self, stage: str, document: dict[str, Any]) -> Decision:
        assert stage == "route"
        self.asked.append(document)
        if self.answer is None:
            raise PolicyError("none")
        return self.answer


def route_of(engine: Engine, catalog: ToolCatalog | None = None) -> Route:
    return Route(PolicySlot(engine, Question(catalog or ToolCatalog(), TaskLedger())))


def judge(route: Route, tool: str, arguments: bytes = b"{}") -> Verdict:
    action = Action("tools/call", tool, "", arguments)
    return route.judge(Envelope("0" * 32, "a", "tool-b", Kind.MCP, b""), Circumstances(0.0, action))


def test_equal_questions_are_asked_once() -> None:
    engine = Engine(Decision(True, ()), ("tool",))
    route = route_of(engine)
    for tool in ("x", "x", "y", "x"):
        assert judge(route, tool).outcome is Outcome.ALLOW
    assert engine.asked == [{"tool": "x"}, {"tool": "y"}]


def test_what_the_catalog_learns_makes_a_new_question() -> None:
    engine, catalog = Engine(Decision(True, ()), ("read_only",)), ToolCatalog()
    route = route_of(engine, catalog)
    judge(route, "x")
    catalog.learn("tool-b", b'{"result":{"tools":[{"name":"x","annotations":{"readOnlyHint":true}}]}}')
    judge(route, "x")
    assert [document["read_only"] for document in engine.asked] == [False, True]


@pytest.mark.parametrize("field", [("arguments", "a"), ("arguments",), ()])
def test_arguments_that_are_equal_only_to_python_are_not_equal(field: tuple[str, ...]) -> None:
    engine = Engine(Decision(True, ()), field)
    route = route_of(engine)
    for arguments in (b'{"a":1}', b'{"a":1.0}', b'{"a":true}', b'{"a":1}', b"{}", b'{"a":null}'):
        judge(route, "x", arguments)
    assert [document["arguments"] for document in engine.asked] == [{"a": 1}, {"a": 1.0}, {"a": True}, {}, {"a": None}]


def test_no_rule_that_allows_denies() -> None:
    verdict = judge(route_of(Engine(Decision(False, ()))), "x")
    assert (verdict.outcome, verdict.code) == (Outcome.DENY, "route.default")


def test_denials_are_told() -> None:
    denials = (Denial("c", "r" * 10_000, "rule", "f", 3), Denial("d", "s", "rule"))
    verdict = judge(route_of(Engine(Decision(False, denials))), "x")
    assert (verdict.code, verdict.rule, verdict.file, verdict.line) == ("c", "rule", "f", 3)
    assert len(verdict.reason) == 600


def test_an_engine_without_an_answer_is_asked_again() -> None:
    engine = Engine(None)
    route = route_of(engine)
    for _ in range(2):
        with pytest.raises(PolicyError):
            judge(route, "x")
    assert len(engine.asked) == 2
    engine.answer = Decision(True, ())
    assert judge(route, "x").outcome is Outcome.ALLOW


def test_long_questions_are_not_kept() -> None:
    engine = Engine(Decision(True, ()), ("tool",))
    route = route_of(engine)
    for _ in range(2):
        judge(route, "x" * 5000)
    assert len(engine.asked) == 2
