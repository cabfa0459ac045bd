"""Grammars: every schema gives one, and what none can satisfy is refused."""

import json
import re
from typing import Any

import pytest

from lictor.runtime.inference.errors import BadRequest
from lictor.runtime.inference.grammar import call_grammar, schema_grammar
from lictor.runtime.inference.json_schema import MOST_REPEATED


def rules(grammar: str) -> dict[str, str]:
    return dict(line.split(" ::= ", 1) for line in grammar.splitlines())


def test_every_rule_that_is_named_is_there() -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": ["string", "null"], "maxLength": 10},
            "b": {"type": "array", "items": {"$ref": "#/$defs/item"}, "minItems": 1, "maxItems": 3},
            "c": {"anyOf": [{"type": "integer"}, {"enum": ["x", "y"]}]},
            "d": {"format": "date"},
            "e": {},
        },
        "required": ["b"],
        "$defs": {"item": {"type": "object", "properties": {"next": {"$ref": "#/$defs/item"}}}},
    }
    written = rules(schema_grammar(schema))
    assert "root" in written
    for rule in written.values():
        bare = re.sub(r'"(\\.|[^"\\])*"|\[(\\.|[^\]\\])*\]', " ", rule)
        assert set(re.findall(r"[a-z][a-z0-9]*", bare)) <= written.keys()


def test_a_literal_is_json_within_gbnf() -> None:
    grammar = schema_grammar({"enum": ['say "hi"', "back\\slash", "line\nbreak", None, 1.5, "é"]})
    literal = rules(grammar)[rules(grammar)["root"]]
    values = [json.loads(json.loads(text)) for text in literal.split(" | ")]
    assert values == ['say "hi"', "back\\slash", "line\nbreak", None, 1.5, "é"]


def test_a_limit_too_high_to_count_is_not_enforced() -> None:
    assert "{0,9}" in schema_grammar({"type": "string", "maxLength": 9})
    assert "{" not in schema_grammar({"type": "string", "maxLength": MOST_REPEATED + 1})


def test_all_of_is_merged() -> None:
    schema = {
        "allOf": [
            {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "boolean"}}, "required": ["b"]},
        ]
    }
    grammar = schema_grammar(schema)
    assert r"\"a\"" in grammar
    assert r"\"b\"" in grammar


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "thing"},
        {"enum": []},
        {"anyOf": {}},
        {"$ref": "#/nowhere"},
        {"$ref": "https://example.org/schema"},
        {"properties": {"a": 3}},
        {"properties": []},
        {"minLength": 5, "maxLength": 2},
        {"type": "array", "minItems": -1},
        {"allOf": [3]},
    ],
)
def test_what_cannot_be_read_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="JSON Schema"):
        schema_grammar(schema)


def test_a_schema_without_end_is_refused() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(400):
        deep = {"type": "array", "items": deep}
    with pytest.raises(BadRequest, match="too"):
        schema_grammar(deep)


def test_a_call_names_a_tool_and_its_arguments() -> None:
    tools = {"search": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}, "stop": {}}
    grammar = call_grammar(tools, text_too=False)
    assert r'"{\"name\": \"search\", \"arguments\": "' in grammar
    assert r'"{\"name\": \"stop\", \"arguments\": " object' in grammar
    assert "[^{" in call_grammar(tools, text_too=True)
    assert '"<tool_call>' in call_grammar(tools, text_too=False, opening="<tool_call>", closing="</tool_call>")
