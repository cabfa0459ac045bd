"""Layer route: what the engine is asked, how often, and what becomes of its answers."""

from typing import Any

import pytest

from lictor.guardrails.action import Action
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.policy.engine import Decision, Denial, PolicyError
from lictor.guardrails.policy.fields import WHOLE
from lictor.guardrails.route import Route
from lictor.guardrails.verdict import Outcome
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

FIELDS = frozenset({("sender",), ("target",), ("kind",), ("tool",), ("read_only",)})


class Engine:
    """Counts what it is asked, and gives what it was told to."""

    revision = "r"

    def __init__(self, answer: Decision | None) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    def decide(self, document: dict[str, Any]) -> Decision:
        self.asked.append(document)
        if self.answer is None:
            raise PolicyError("none")
        return self.answer


def call(tool: str, arguments: bytes = b"{}") -> tuple[Envelope, Circumstances]:
    action = Action("tools/call", tool, "", arguments)
    return Envelope("0" * 32, "a", "tool-b", Kind.MCP, b""), Circumstances(0.0, action)


def test_equal_questions_are_asked_once() -> None:
    engine = Engine(Decision(True, ()))
    route = Route(engine, FIELDS, ToolCatalog())
    for _ in range(3):
        assert route.judge(*call("x")).outcome is Outcome.ALLOW
    route.judge(*call("y"))
    assert [document["tool"] for document in engine.asked] == ["x", "y"]
    assert "arguments" not in engine.asked[0]


def test_what_the_catalog_learns_makes_a_new_question() -> None:
    engine, catalog = Engine(Decision(True, ())), ToolCatalog()
    route = Route(engine, FIELDS, catalog)
    route.judge(*call("x"))
    catalog.learn("tool-b", b'{"result":{"tools":[{"name":"x","annotations":{"readOnlyHint":true}}]}}')
    route.judge(*call("x"))
    assert [document["read_only"] for document in engine.asked] == [False, True]


@pytest.mark.parametrize("fields", [frozenset({("arguments", "a")}), frozenset({WHOLE})])
def test_arguments_are_read_when_the_bundle_reads_them(fields: frozenset[tuple[str, ...]]) -> None:
    engine = Engine(Decision(True, ()))
    route = Route(engine, fields, ToolCatalog())
    for arguments in (b'{"a":1}', b'{"a":1.0}', b'{"a":true}', b'{"a":1}', b"{}", b'{"a":null}'):
        route.judge(*call("x", arguments))
    assert [document["arguments"] for document in engine.asked] == [{"a": 1}, {"a": 1.0}, {"a": True}, {}, {"a": None}]


def test_denials_are_told_and_kept() -> None:
    engine = Engine(Decision(False, (Denial("c", "r" * 10_000, "rule", "f", 3), Denial("d", "s", "rule"))))
    route = Route(engine, FIELDS, ToolCatalog())
    verdict = route.judge(*call("x"))
    assert (verdict.outcome, verdict.code, verdict.rule, verdict.file, verdict.line) == (
        Outcome.DENY,
        "c",
        "rule",
        "f",
        3,
    )
    assert len(verdict.reason) == 600
    assert route.judge(*call("x")) is verdict


def test_no_rule_that_allows_denies() -> None:
    verdict = Route(Engine(Decision(False, ())), FIELDS, ToolCatalog()).judge(*call("x"))
    assert (verdict.outcome, verdict.code) == (Outcome.DENY, "route.default")


def test_an_engine_without_an_answer_is_asked_again() -> None:
    engine = Engine(None)
    route = Route(engine, FIELDS, ToolCatalog())
    for _ in range(2):
        with pytest.raises(PolicyError):
            route.judge(*call("x"))
    assert len(engine.asked) == 2
    engine.answer = Decision(True, ())
    assert route.judge(*call("x")).outcome is Outcome.ALLOW


def test_long_questions_are_not_kept() -> None:
    engine = Engine(Decision(True, ()))
    route = Route(engine, FIELDS, ToolCatalog())
    for _ in range(2):
        route.judge(*call("x" * 5000))
    assert len(engine.asked) == 2
    assert len(route.cache) == 0
