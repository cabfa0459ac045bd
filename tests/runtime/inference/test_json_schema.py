"""The parts of a schema, each checked where it is read."""

import pytest

from lictor.runtime.inference.errors import BadRequest
from lictor.runtime.inference.json_schema import MOST_REPEATED, bounds, follow, kind_of, listed, merged


def test_a_reference_is_followed_through_escaped_names() -> None:
    assert follow({"$defs": {"a/b": {"~": 5}}}, "#/$defs/a~1b/~0") == 5
    assert follow({"a": 1}, "#") == {"a": 1}
    with pytest.raises(BadRequest, match="not there"):
        follow({}, "#/$defs/a")


def test_what_is_not_enforced_is_none() -> None:
    assert bounds({}, "minLength", "maxLength") == (0, None)
    assert bounds({"minLength": 1, "maxLength": 2}, "minLength", "maxLength") == (1, 2)
    assert bounds({"minLength": 9999, "maxLength": 10_000}, "minLength", "maxLength") == (MOST_REPEATED, None)


def test_a_type_that_is_meant() -> None:
    schemas: list[dict[str, object]] = [{"required": []}, {"items": {}}, {"maxLength": 1}, {"title": "x"}]
    kinds = [kind_of(schema) for schema in schemas]
    assert kinds == ["object", "array", "string", "value"]


def test_two_schemas_become_one() -> None:
    one = {"properties": {"a": {}}, "required": ["a"]}
    assert merged(one, {"properties": {"b": {}}, "required": ["b"]}) == {
        "properties": {"a": {}, "b": {}},
        "required": ["a", "b"],
    }
    with pytest.raises(BadRequest):
        merged(one, 3)


def test_a_list_must_be_one() -> None:
    assert listed({"enum": [1]}, "enum") == [1]
    with pytest.raises(BadRequest, match="enum"):
        listed({"enum": 1}, "enum")
