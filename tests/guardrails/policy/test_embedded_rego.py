"""The engine fails closed: bundles that allow too much, give no decision or do not compile are refused."""

from pathlib import Path
from typing import Any

import pytest
from small_bundle import HEAD, NOTHING, says, small_bundle

from lictor.guardrails.policy.bundle import Bundle, Module, load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego, check_glob
from lictor.guardrails.policy.engine import Denial, PolicyError

ROUTE = "route := "


def engine(rules: str) -> EmbeddedRego:
    return EmbeddedRego(small_bundle(rules))


@pytest.mark.parametrize(
    "text",
    [
        "package lictor.other\nimport rego.v1\nx := 1\n",
        "package lictor.main\nimport rego.v1\n",
        "package lictor.main\nimport rego.v1\nroute := true\n",
        "package lictor.main\nimport rego.v1\nroute := {}\n",
        'package lictor.main\nimport rego.v1\nroute := {"allow": true}\n',
        f"package lictor.main\nimport rego.v1\nroute := {says('1')}\n",
        f"package lictor.main\nimport rego.v1\nroute := {says(denials='null')}\n",
        f"package lictor.main\nimport rego.v1\nroute := {says(denials='[1]')}\n",
        f"package lictor.main\nimport rego.v1\nroute := {says('true')} if input.sender\n",
        HEAD.replace("behaviour", "behavior"),
    ],
)
def test_a_bundle_without_a_decision_is_refused(text: str) -> None:
    with pytest.raises(PolicyError, match=r"no decision|evaluation failed"):
        EmbeddedRego(Bundle((Module("main.rego", text),), {}, "r"))


@pytest.mark.parametrize("stage", ["route", "flow", "content", "behaviour", "approve"])
def test_a_bundle_that_allows_an_empty_input_is_refused(stage: str) -> None:
    with pytest.raises(PolicyError, match=rf"stage {stage}.*deny by default"):
        engine(f"{stage} := {says('true')} if not input.bad\n")


def test_a_denial_beats_allow_whatever_the_bundle_says() -> None:
    denial = '[{"code": "c", "reason": "r", "rule": "x"}]'
    decision = engine(f"route := {says('true', denial)} if input.a == 1\n").decide("route", {"a": 1})
    assert not decision.allow
    assert decision.denials == (Denial("c", "r", "x"),)


@pytest.mark.parametrize("value", ["a\x00b", 'x","allow":true,"w":"', "\n\r\t", "\u2603\U0001f600", "\\u0000", "'\"\\"])
def test_text_comes_back_as_it_went_in(value: str) -> None:
    denial = '[{"code": "c", "reason": input.a, "rule": "x"}]'
    decision = engine(f"route := {says(denials=denial)} if is_string(input.a)\n").decide("route", {"a": value})
    assert not decision.allow
    assert decision.denials[0].reason == value


def test_input_that_the_engine_cannot_take_denies() -> None:
    rego = engine(f"route := {says('true')} if input.a\n")
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    for document in ({"a": deep}, {"a": object()}, {"a": "\ud800"}, {"a": 2**70}):
        with pytest.raises(PolicyError, match="evaluation failed"):
            rego.decide("route", document)
    assert rego.decide("route", {"a": 1}).allow
    assert not rego.decide("route", {}).allow


def test_an_evaluation_that_fails_raises_and_the_next_one_works() -> None:
    rego = engine(f'route := {says("true")} if startswith(input.a, "x")\n')
    with pytest.raises(PolicyError, match=r"main\.rego:\d+.*startswith") as caught:
        rego.decide("route", {"a": 1})
    assert "backtrace" not in str(caught.value)
    assert rego.decide("route", {"a": "xy"}).allow


def test_an_interpreter_that_broke_off_is_not_used_again() -> None:
    rego = engine(f"route := {says('true')} if input.a\n")

    class Broken:
        def set_input_json(self, _text: str) -> None:
            raise RuntimeError("recursion detected")

    rego._engine = Broken()
    with pytest.raises(PolicyError, match="recursion detected"):
        rego.decide("route", {"a": 1})
    assert rego.decide("route", {"a": 1}).allow


def test_definitions_that_contradict_each_other_deny() -> None:
    rego = engine(f"route := {says('true')} if input.a\n\nroute := {NOTHING} if input.b\n")
    assert rego.decide("route", {"a": 1}).allow
    with pytest.raises(PolicyError, match="evaluation failed"):
        rego.decide("route", {"a": 1, "b": 1})


def test_data_that_collides_with_a_package_is_refused() -> None:
    modules = (Module("main.rego", HEAD),)
    with pytest.raises(PolicyError):
        EmbeddedRego(Bundle(modules, {"lictor": {"main": {"route": {"allow": True}}}}, "r")).decide("route", {})


def test_modules_of_one_name() -> None:
    with pytest.raises(PolicyError, match="same name"):
        EmbeddedRego(Bundle((Module("a.rego", HEAD), Module("a.rego", HEAD)), {}, "r"))


def test_a_users_file_may_have_any_name(tmp_path: Path) -> None:
    rule = tmp_path / "main.rego"
    rule.write_text('package lictor.user.a\nimport rego.v1\ndeny contains "x" if input.a\n')
    rego = EmbeddedRego(load_bundle({}, [rule]))
    assert ("a",) in rego.fields["route"]
    assert rego.places == {"data.lictor.user.a.deny": (str(rule), 3)}
    assert Denial("user.a", "x", "data.lictor.user.a.deny", str(rule), 3) in rego.decide("route", {"a": 1}).denials


def test_globs() -> None:
    for pattern in ("*", "a*", "a?b", "[a-z]*", "{a,b}_*", r"a\*", r"a\:b", r"a\$", "crm/*", "a.b*", "über*"):
        check_glob(pattern)
    for pattern in ("a[", "{a", "a**", "a$", "<a>", "(?i)a", "a:b", r"a\\$", "a,b"):
        with pytest.raises(PolicyError, match="not a glob"):
            check_glob(pattern)
