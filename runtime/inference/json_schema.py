"""Reading JSON Schema: the parts of a schema, each checked where it is read."""

import json
from collections.abc import Mapping
from typing import Any, Final

from lictor.runtime.inference.errors import BadRequest

MOST_REPEATED: Final = 512
"""Longest text, and most items, that are counted one by one; a higher limit is not enforced."""


def follow(root: Mapping[str, Any], reference: object) -> object:
    """Return what a `$ref` within `root` leads to; raises BadRequest."""
    found: Any = root
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise BadRequest(f"the JSON Schema refers to {str(reference)[:80]!r}: only references within it are followed")
    for word in reference[1:].split("/")[1:]:
        key = word.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or key not in found:
            raise BadRequest(f"the JSON Schema refers to {reference[:80]!r}, which is not there")
        found = found[key]
    return found


def listed(schema: Mapping[str, Any], name: str) -> list[Any]:
    """Return a keyword's list; raises BadRequest when it is none, or empty."""
    values = schema[name]
    if not isinstance(values, list) or not values:
        raise BadRequest(f"the JSON Schema has an empty {name}, or one that is no list")
    return values


def merged(one: Mapping[str, Any], two: object) -> Mapping[str, Any]:
    """Return one schema that asks what both ask, as far as objects go; raises BadRequest."""
    if not isinstance(two, Mapping):
        raise BadRequest("the JSON Schema holds something else where a schema must stand")
    both = {**one, **two}
    if "properties" in one and "properties" in two:
        both["properties"] = {**one["properties"], **two["properties"]}
    if "required" in one and "required" in two:
        both["required"] = [*one["required"], *two["required"]]
    return both


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return the type that a schema without `type` means; `value` for any."""
    if "properties" in schema or "additionalProperties" in schema or "required" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    return "string" if "minLength" in schema or "maxLength" in schema or "format" in schema else "value"


def bounds(schema: Mapping[str, Any], low: str, high: str) -> tuple[int, int | None]:
    """Return two limits, None for one that is not enforced; raises BadRequest when nothing satisfies them."""
    least, most = schema.get(low, 0), schema.get(high)
    whole = all(value is None or (isinstance(value, int) and value >= 0) for value in (least, most))
    if not whole or (most is not None and least > most):
        raise BadRequest(f"the JSON Schema has {low} {least!r} and {high} {most!r}, which nothing satisfies")
    return min(least, MOST_REPEATED), most if most is not None and most <= MOST_REPEATED else None


def compact(value: object) -> str:
    """Return a value as the JSON text that a model would write."""
    return json.dumps(value, ensure_ascii=False)
