"""The shortest answer that a schema allows."""

import json
from typing import Any

import pytest

from lictor.runtime.inference.shortest_json import shortest_json


@pytest.mark.parametrize(
    ("schema", "shortest"),
    [
        ({"type": "integer"}, 0),
        ({"type": "boolean"}, None),
        ({"type": "string", "minLength": 2}, "00"),
        ({"format": "date"}, "2000-01-01"),
        ({"enum": ["long", "b"]}, "b"),
        ({"type": "array", "items": {"const": 7}, "minItems": 2}, [7, 7]),
        ({"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}]}, [1, ""]),
        ({"anyOf": [{"type": "string", "minLength": 9}, {"const": 3}]}, 3),
        ({"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}, {"a": ""}),
        ({"allOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 0, "b": 0}),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"const": [1]}}}, [1]),
    ],
)
def test_the_shortest(schema: dict[str, Any], shortest: object) -> None:
    assert json.loads(shortest_json(schema)) == shortest


def test_a_schema_that_refers_to_itself_ends() -> None:
    twice = {
        "anyOf": [{"required": ["a"], "properties": {"a": {"$ref": "#"}}}, {"type": "array", "items": {"$ref": "#"}}]
    }
    assert json.loads(shortest_json(twice)) == []
    endless = {"required": ["a", "b"], "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}}
    assert json.loads(shortest_json(endless)) == {"a": {"a": 0, "b": 0}, "b": {"a": 0, "b": 0}}
