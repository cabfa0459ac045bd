"""About the shortest JSON text that a schema allows: what an answer needs at the least."""

import json
from collections.abc import Mapping
from typing import Any, Final

from lictor.runtime.inference.json_schema import bounds, compact, follow, kind_of, listed

_MOST_VISITS: Final = 2000
_FORMS: Final = {
    "date": "2000-01-01",
    "time": "00:00:00Z",
    "date-time": "2000-01-01T00:00:00Z",
    "uuid": "00000000-0000-0000-0000-000000000000",
}


def shortest_json(schema: Mapping[str, Any]) -> str:
    """Return the text; where a schema refers to itself without end it is only a guess. Raises BadRequest."""
    return json.dumps(_Search(schema).shortest(schema))


class _Search:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._left = _MOST_VISITS
        self._open: set[str] = set()

    def shortest(self, schema: object) -> object:  # noqa: PLR0911 — one answer a keyword
        self._left -= 1
        if not isinstance(schema, Mapping) or self._left < 0:
            return 0
        if "$ref" in schema:
            return self._behind(str(schema["$ref"]))
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return min(listed(schema, "enum"), key=_size)
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return min((self.shortest(each) for each in listed(schema, union)), key=_size)
        if "allOf" in schema:
            parts = [self.shortest(each) for each in listed(schema, "allOf")]
            return {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}
        return self._typed(schema)

    def _behind(self, reference: str) -> object:
        if reference in self._open:
            return 0
        self._open.add(reference)
        try:
            return self.shortest(follow(self._root, reference))
        finally:
            self._open.discard(reference)

    def _typed(self, schema: Mapping[str, Any]) -> object:
        kind = schema.get("type") or kind_of(schema)
        match kind[0] if isinstance(kind, list) else kind:
            case "object":
                properties = schema.get("properties") or {}
                return {name: self.shortest(properties.get(name, {})) for name in schema.get("required") or []}
            case "array":
                least = bounds(schema, "minItems", "maxItems")[0]
                items = schema.get("prefixItems") or [schema.get("items", {})] * least
                return [self.shortest(each) for each in items]
            case "string":
                # digits, for most models read each of them as one token: the text must not look cheaper than it is
                return _FORMS.get(str(schema.get("format"))) or "0" * bounds(schema, "minLength", "maxLength")[0]
            case "boolean" | "null":
                return None
        return 0


def _size(value: object) -> int:
    return len(compact(value))
