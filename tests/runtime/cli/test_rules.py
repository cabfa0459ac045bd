from pathlib import Path

import pytest

from lictor.guardrails.policy.bundle import Module
from lictor.guardrails.policy.engine import PolicyError
from lictor.runtime.cli.rules import built_in_modules, find_modules, read_rule, run_tests


def test_a_file_says_what_it_is_in_its_metadata() -> None:
    metadata = "# METADATA\n# title: Night\n# description: >-\n#   Nothing passes\n#   at night.\n"
    text = f"{metadata}package lictor.user.night\n\ndeny contains 1\n"
    rule = read_rule(Module("night.rego", text, user=True))
    assert (rule.package, rule.title, rule.description) == ("lictor.user.night", "Night", "Nothing passes at night.")
    assert (rule.says, rule.user) == (("deny",), True)


@pytest.mark.parametrize(
    "text", ["package a.b\n", "# METADATA\n# : [\npackage a.b\n", "# METADATA\n# - x\npackage a.b\n"]
)
def test_a_file_without_readable_metadata_goes_by_its_package(text: str) -> None:
    rule = read_rule(Module("b.rego", text))
    assert (rule.package, rule.title, rule.description, rule.says) == ("a.b", "b", "", ())


def test_rules_are_found_with_and_without_their_tests() -> None:
    rules = {module.path for module in built_in_modules(tests=False)}
    both = {module.path for module in built_in_modules(tests=True)}
    assert "lictor/policies/main/route.rego" in rules
    assert {path for path in both - rules if path.endswith("_test.rego")} == both - rules != set()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.rego").write_bytes(b"package \xff")
    for name in ("latin.rego", "none.rego"):
        with pytest.raises(PolicyError, match=f"{name}: cannot be read"):
            find_modules([tmp_path / name])


def test_tests_pass_fail_or_break_each_by_itself() -> None:
    text = (
        "package a_test\n\nimport rego.v1\nimport data.a\n\n"
        'test_yes if a.one == 1\n\ntest_no if a.one == 2\n\ntest_broken if a.one / 0 == 1\n\ntest_text := "true"\n'
    )
    results = list(
        run_tests([Module("a.rego", "package a\n\nimport rego.v1\n\none := 1\n"), Module("a_test.rego", text)])
    )
    assert [(result.name, result.line, result.passed) for result in results] == [
        ("a_test.test_yes", 6, True),
        ("a_test.test_no", 8, False),
        ("a_test.test_broken", 10, False),
        ("a_test.test_text", 12, False),
    ]
