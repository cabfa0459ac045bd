"""One suite for every policy engine: the embedded one, and a real OPA server as a child of this process."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from opa_process import serve_opa
from small_bundle import USER, says, small_bundle

from lictor.guardrails.policy.bundle import Bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import Decision, Denial, PolicyEngine, PolicyError
from lictor.guardrails.policy.opa_address import OpaAddress
from lictor.guardrails.policy.opa_server import OpaServer

Make = Callable[[Bundle], PolicyEngine]

USER_RULES = (
    USER
    + 'deny contains "no" if input.tool == "danger"\n\n'
    + 'ask contains {"reason": "sure?", "code": "user.sure"} if input.tool == "pay"\n\n'
    + 'oblige contains {"do": "label", "labels": ["secret"]} if input.tool == "read"\n'
)
COLLECT = """
route := {"allow": count(denials) == 0, "denials": denials, "asks": asks, "obligations": obligations} if {
	is_string(input.tool)
	denials := [{"code": "c", "reason": reason, "rule": "data.lictor.user.house.deny"} |
		some name in data.lictor.stages.route
		some reason in data.lictor.user[name].deny
	]
	asks := [object.union(said, {"rule": "data.lictor.user.house.ask"}) | some said in data.lictor.user.house.ask]
	obligations := [said | some said in data.lictor.user.house.oblige]
}
"""


@pytest.fixture(scope="module", params=["embedded", "opa"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    if request.param == "embedded":
        yield EmbeddedRego
        return
    with ExitStack() as stack:
        url = stack.enter_context(serve_opa())

        def build(bundle: Bundle) -> PolicyEngine:
            engine = OpaServer(bundle, OpaAddress(url, timeout=5))
            stack.callback(engine.close)
            return engine

        yield build


def test_decisions(make: Make) -> None:
    engine = make(small_bundle(COLLECT, USER_RULES))
    assert engine.decide("route", {"tool": "x"}) == Decision(True, ())
    denial = Denial("c", "no", "data.lictor.user.house.deny", "user0.rego", 5)
    assert engine.decide("route", {"tool": "danger"}) == Decision(False, (denial,))
    ask = Denial("user.sure", "sure?", "data.lictor.user.house.ask", "user0.rego", 7)
    assert engine.decide("route", {"tool": "pay"}) == Decision(True, (), (ask,))
    assert engine.decide("route", {"tool": "read"}) == Decision(True, (), (), ("label:secret",))
    assert engine.decide("flow", {"tool": "danger"}) == Decision(False, ())


def test_revision_and_fields_are_the_bundles(make: Make) -> None:
    bundle = small_bundle(COLLECT, USER_RULES)
    engine = make(bundle)
    assert engine.revision == bundle.revision
    assert engine.fields["route"] == {("tool",)}


def test_a_rule_that_fails_gives_no_decision(make: Make) -> None:
    engine = make(small_bundle(COLLECT, USER + 'deny contains "x" if count(input.arguments.a) > 3\n'))
    with pytest.raises(PolicyError, match=r"evaluation failed: .*user0\.rego:5"):
        engine.decide("route", {"tool": "x", "arguments": {"a": 1}})
    assert engine.decide("route", {"tool": "x", "arguments": {"a": "x"}}).allow


@pytest.mark.parametrize(
    "value",
    ["", "a\0b", 'x","allow":true,"w":"', "\n\r\t", "\u2603\U0001f600", "\\u0000", "'\"\\", "\u2028", "a" * 10_000],
)
def test_text_comes_back_as_it_went_in(make: Make, value: str) -> None:
    denial = '[{"code": "c", "reason": input.a, "rule": "x"}]'
    engine = make(small_bundle(f"route := {says(denials=denial)} if is_string(input.a)\n"))
    assert [each.reason for each in engine.decide("route", {"a": value}).denials] == [value]


def test_what_cannot_be_asked_gives_no_decision(make: Make) -> None:
    engine = make(small_bundle(f"route := {says('true')} if input.a\n"))
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    for value in (deep, 2**64, "\ud800", object(), list(range(10_000))):
        with pytest.raises(PolicyError):
            engine.decide("route", {"a": value})
    assert engine.decide("route", {"a": 1}).allow


@pytest.mark.parametrize("stage", ["route", "nowhere", "route/../x"])
def test_no_decision_is_no_allowance(make: Make, stage: str) -> None:
    engine = make(small_bundle())
    if stage == "route":
        assert engine.decide(stage, {"a": 1}) == Decision(False, ())
        return
    with pytest.raises(PolicyError):
        engine.decide(stage, {"a": 1})


@pytest.mark.parametrize(
    "rule",
    [
        'deny contains "x" if http.send({"url": input.a})\n',
        'deny contains "x" if input.a in\n',
        'deny := "x"\n',
        'deny contains "x" if not input.a in {1}\n',
        'deny contains "x" if data.lictor.main.route.allow\n',
    ],
)
def test_what_may_not_be_used_is_refused(make: Make, rule: str) -> None:
    with pytest.raises(PolicyError, match=r"user0\.rego"):
        make(small_bundle("", USER + rule))


def test_rules_that_contradict_each_other_give_no_decision(make: Make) -> None:
    engine = make(small_bundle(f"route := {says('true')} if input.a\n\nroute := {says()} if input.b\n"))
    assert engine.decide("route", {"a": 1}).allow
    with pytest.raises(PolicyError, match="evaluation failed"):
        engine.decide("route", {"a": 1, "b": 1})


def test_data_of_the_team_decides_too(make: Make) -> None:
    rule = f"route := {says('true')} if input.a == data.lictor.team.name\n"
    engine = make(small_bundle(rule, team={"name": "x\0\u2603"}))
    assert engine.decide("route", {"a": "x\0\u2603"}).allow
    assert not engine.decide("route", {"a": "x"}).allow
