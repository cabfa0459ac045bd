import pytest
from opa_process import require_opa

from lictor.guardrails.policy.bundle import Module
from lictor.runtime.cli.policy_lint import find_flaws
from lictor.runtime.cli.rules import built_in_modules

META = "# METADATA\n# title: House\n# description: It is ours.\npackage lictor.user.house\n\nimport rego.v1\n\n"
BODY = 'deny contains "x" if input.a\n'
TEST = Module("t_test.rego", "package t_test\n\nimport rego.v1\n\ntest_a if data.lictor.user.house.deny\n")


def texts(*modules: Module, opa: str | None = None) -> list[str]:
    return [f"{flaw.file}:{flaw.line}: {flaw.text} ({flaw.by})" for flaw in find_flaws(modules, opa)]


def test_nothing_to_mend() -> None:
    assert texts(Module("h.rego", META + BODY), TEST) == []
    own = Module("h_test.rego", "package lictor.user.house_test\n\nimport rego.v1\n\ntest_a if true\n")
    assert texts(Module("h.rego", META + BODY), own) == []


def test_what_a_rule_does_not_say_of_itself() -> None:
    (flaw,) = texts(Module("h.rego", META.replace("# title: House\n", "") + BODY), TEST)
    assert flaw.startswith("h.rego:1: its METADATA lacks a title")
    assert len(texts(Module("h.rego", f"package lictor.user.house\n\nimport rego.v1\n\n{BODY}"), TEST)) == 2


def test_a_rule_without_a_test() -> None:
    (flaw,) = texts(Module("h.rego", META + BODY), Module("o_test.rego", "package o_test\n\nimport rego.v1\n"))
    assert flaw.startswith("h.rego:1: no test reads it: write h_test.rego")


def test_what_opa_says() -> None:
    (flaw,) = texts(Module("h.rego", META + 'deny contains "x" if y == 1\n'), TEST, opa=require_opa())
    assert flaw.startswith("h.rego:8: rego_unsafe_var_error: var y is unsafe")


@pytest.mark.parametrize("asks", [False, True])
def test_the_built_in_rules_have_no_flaws(asks: bool) -> None:
    assert find_flaws(built_in_modules(tests=True), require_opa() if asks else None) == []
