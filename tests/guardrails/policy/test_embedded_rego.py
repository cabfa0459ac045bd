"""The engine fails closed: bundles that allow too much, give no decision or do not compile are refused."""

from pathlib import Path
from typing import Any

import pytest

from lictor.guardrails.policy.bundle import Bundle, Module, load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego, check_glob
from lictor.guardrails.policy.engine import Denial, PolicyError

HEAD = "package lictor.main\nimport rego.v1\n"


def engine(text: str, data: dict[str, Any] | None = None) -> EmbeddedRego:
    return EmbeddedRego(Bundle((Module("main.rego", text),), data or {}, "r"))


@pytest.mark.parametrize(
    "text",
    [
        "package lictor.other\nimport rego.v1\nx := 1\n",
        HEAD,
        HEAD + "decision := true\n",
        HEAD + 'decision := "allow"\n',
        HEAD + "decision := {}\n",
        HEAD + 'decision := {"allow": true}\n',
        HEAD + 'decision := {"allow": "yes", "denials": []}\n',
        HEAD + 'decision := {"allow": 1, "denials": []}\n',
        HEAD + 'decision := {"allow": false, "denials": null}\n',
        HEAD + 'decision := {"allow": false, "denials": ["text"]}\n',
        HEAD + 'decision := {"allow": true, "denials": []} if input.sender\n',
    ],
)
def test_a_bundle_without_a_decision_is_refused(text: str) -> None:
    with pytest.raises(PolicyError, match=r"no decision|evaluation failed"):
        engine(text)


@pytest.mark.parametrize(
    "text",
    ['decision := {"allow": true, "denials": []}', 'decision := {"allow": not input.bad, "denials": []}'],
)
def test_a_bundle_that_allows_an_empty_input_is_refused(text: str) -> None:
    with pytest.raises(PolicyError, match=r"deny by default|main\.rego"):
        engine(f"{HEAD}{text}\n")


GOOD = HEAD + 'default decision := {"allow": false, "denials": []}\n'


def test_a_denial_beats_allow_whatever_the_bundle_says() -> None:
    rego = engine(
        GOOD + 'decision := {"allow": true, "denials": [{"code": "c", "reason": "r", "rule": "x"}]} if input.a == 1\n'
    )
    decision = rego.decide({"a": 1})
    assert not decision.allow
    assert decision.denials == (Denial("c", "r", "x"),)


@pytest.mark.parametrize("value", ["a\x00b", 'x","allow":true,"w":"', "\n\r\t", "\u2603\U0001f600", "\\u0000", "'\"\\"])
def test_text_comes_back_as_it_went_in(value: str) -> None:
    rego = engine(
        GOOD
        + 'decision := {"allow": false, "denials": [{"code": "c", "reason": input.a, "rule": "x"}]} '
        + "if is_string(input.a)\n"
    )
    decision = rego.decide({"a": value})
    assert not decision.allow
    assert decision.denials[0].reason == value


def test_input_that_the_engine_cannot_take_denies() -> None:
    rego = engine(GOOD + 'decision := {"allow": true, "denials": []} if input.a\n')
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    for document in ({"a": deep}, {"a": object()}, {"a": "\ud800"}):
        with pytest.raises(PolicyError, match="evaluation failed"):
            rego.decide(document)
    assert rego.decide({"a": 1}).allow
    assert not rego.decide({}).allow


def test_an_evaluation_that_fails_raises_and_the_next_one_works() -> None:
    rego = engine(GOOD + 'decision := {"allow": true, "denials": []} if to_number(input.a) == 1\n')
    with pytest.raises(PolicyError, match="could not parse") as caught:
        rego.decide({"a": "x"})
    assert "backtrace" not in str(caught.value)
    assert rego.decide({"a": "1"}).allow


def test_data_that_collides_with_a_package_is_refused() -> None:
    with pytest.raises(PolicyError):
        engine(GOOD, {"lictor": {"main": {"decision": {"allow": True, "denials": []}}}}).decide({})


def test_modules_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="same name"):
        EmbeddedRego(Bundle((Module("a.rego", GOOD), Module("a.rego", GOOD)), {}, "r"))


def test_a_users_file_may_have_any_name(tmp_path: Path) -> None:
    rule = tmp_path / "main.rego"
    rule.write_text('package lictor.user.a\nimport rego.v1\ndeny contains "x" if input.a\n')
    rego = EmbeddedRego(load_bundle({}, [rule]))
    assert ("a",) in rego.fields
    assert Denial("user.a", "x", "data.lictor.user.a.deny", str(rule), 3) in rego.decide({"a": 1}).denials


def test_globs() -> None:
    for pattern in ("*", "a*", "a?b", "[a-z]*", "{a,b}_*", r"a\*", r"a\:b", r"a\$", "crm/*", "a.b*", "über*"):
        check_glob(pattern)
    for pattern in ("a[", "{a", "a**", "a$", "<a>", "(?i)a", "a:b", r"a\\$", "a,b"):
        with pytest.raises(PolicyError, match="not a glob"):
            check_glob(pattern)
