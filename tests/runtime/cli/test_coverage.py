import pytest
from opa_process import require_opa

from lictor.guardrails.policy.bundle import Module
from lictor.guardrails.policy.engine import PolicyError
from lictor.runtime.cli.coverage import FileCoverage, cover, total

RULE = Module("a.rego", "package a\n\nimport rego.v1\n\nx if {\n\tinput.a == 1\n\tinput.b == 2\n}\n\ny if input.c\n")
TEST = Module("a_test.rego", 'package a_test\n\nimport rego.v1\n\ntest_x if data.a.x with input as {"a": 1, "b": 2}\n')


@pytest.mark.parametrize("engine", ["embedded", "opa"])
def test_lines_that_no_test_evaluates(engine: str) -> None:
    (found,) = cover([RULE, TEST], require_opa() if engine == "opa" else None)
    assert found.file == "a.rego"
    assert {6, 7} <= set(found.covered)
    assert found.missed == (10,)
    assert 0 < found.share < 1
    assert total([found]) == found.share


def test_a_file_without_rules_is_covered() -> None:
    assert FileCoverage("a.rego", (), ()).share == 1.0
    assert total([]) == 1.0


@pytest.mark.parametrize("engine", ["embedded", "opa"])
def test_what_does_not_compile(engine: str) -> None:
    with pytest.raises(PolicyError):
        cover([Module("a.rego", "package a\n\nx if {\n")], require_opa() if engine == "opa" else None)
