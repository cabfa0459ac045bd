import pytest
from small_bundle import tree_of

from lictor.guardrails.policy.negation import doubtful_negations, names_without_value

PACKAGE = """package a

import rego.v1
import data.q as q

sure contains 1
always := 1
default perhaps_not := 1
perhaps_not := 2 if input.x
maybe := 1 if input.x
f(x) := 1 if x

"""


def lines(condition: str) -> list[int]:
    tree = tree_of(f"{PACKAGE}rule if {{\n\tlocal := input.l\n\t{condition}\n}}\n")
    return list(doubtful_negations(tree, names_without_value([tree]) | {"q"}))


@pytest.mark.parametrize(
    "condition",
    [
        "not input.a.b",
        "not input.a.b == 1",
        "not input.a.b == input.c",
        "not maybe",
        "not maybe == 1",
        "not data.t.x",
        "not data.t[local].x",
        'not startswith(local, "x")',
        "not local in {1, 2}",
        "not 1 in sure",
        "not 1 in {x | x := input.a}",
        "not local > perhaps_not",
        "not local > always",
        "not f(local)",
        "not q.rule",
        "input.a in {1}",
    ],
)
def test_what_every_engine_reads_alike(condition: str) -> None:
    assert lines(condition) == []


@pytest.mark.parametrize(
    "condition",
    [
        "not input.a.b in {1}",
        "not 1 in input.a",
        "not input.a > 3",
        "not input.a != 1",
        "not count(input.a) > 1",
        'not startswith(input.a, "x")',
        "not f(input.a)",
        "not [input.a] == [1]",
        'not {"k": input.a} == {"k": 1}',
        "not input.xs[input.k]",
        "not data.t[input.k].x",
        'not data.t[input.k].x == "y"',
        "not input.a + 1 == 2",
        "not maybe in {1}",
        "not f(maybe)",
        "not data.t.x in {1}",
        "not q.rule in {1}",
    ],
)
def test_what_opa_leaves_out_when_a_field_is_missing(condition: str) -> None:
    assert lines(condition) == [15]
