"""Every way to read the input is seen."""

import json

import hobofan_regorus
import pytest

from lictor.guardrails.policy.fields import WHOLE, read_fields


def fields_of(*rules: str) -> frozenset[tuple[str, ...]]:
    engine = hobofan_regorus.Engine()
    engine.add_policy("a.rego", "package a\nimport rego.v1\n" + "\n".join(rules))
    return read_fields([module["ast"] for module in json.loads(engine.get_ast_as_json())])


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("x := input.a", {("a",)}),
        ("x := input.a.b.c", {("a", "b", "c")}),
        ('x := input["a"].b', {("a", "b")}),
        ('x := input["a b"]["c"]', {("a b", "c")}),
        ("x := input[`a`]", {WHOLE}),
        ("x := input.a[0]", {("a",)}),
        ("x := input.a[_].b", {("a",)}),
        ("x := input.a[input.b].c", {("a",), ("b",)}),
        ("x := data.t[input.a].b", {("a",)}),
        ("x := data.t[input.a][input.b.c]", {("a",), ("b", "c")}),
        ("x := {k: v | some k, v in input.a}", {("a",)}),
        ("x if { some k; input[k] == 1 }", {WHOLE}),
        ("x := input", {WHOLE}),
        ("x if walk(input, [_, 1])", {WHOLE}),
        ("x := f(input.a)\nf(y) := y.b", {("a",)}),
        ("x := f(input)\nf(y) := y.b", {WHOLE}),
        ("x if { y := input; y.a }", {WHOLE}),
        ("x if { y := input.a; y.b }", {("a",)}),
        ("x if every v in input.a { v == input.b }", {("a",), ("b",)}),
        ("x if not input.a", {("a",)}),
        ('x := sprintf("%s", [input.a])', {("a",)}),
        ("x[input.a] := 1", {("a",)}),
        ("x contains input.a if true", {("a",)}),
        ("x := 1 if false\nelse := input.a", {("a",)}),
        ("x := 1 if input.a else := 2 if input.b", {("a",), ("b",)}),
        ("x := y if { y := data.q with input as {} }", {WHOLE}),
        ("x := y if { y := data.q with input.a as 1 }", {("a",)}),
        ('x := [input.a, {input.b}, {"k": input.c}]', {("a",), ("b",), ("c",)}),
        ("x := input.a.b + input.a", {("a",)}),
        ("x := 1", set()),
    ],
)
def test_ways_to_read(rule: str, fields: set[tuple[str, ...]]) -> None:
    assert fields_of(rule) == fields


def test_imports_of_the_input() -> None:
    assert fields_of("import input.a as b", "x := b.c") == {("a",)}
    assert fields_of("import input as i", "x := i.c") == {WHOLE}


def test_a_field_that_is_called_like_a_part_of_the_tree() -> None:
    assert fields_of("x := input.source.input", "y := input.span") == {("source", "input"), ("span",)}
