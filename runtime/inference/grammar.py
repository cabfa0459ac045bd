"""JSON Schema as a GBNF grammar: what a model may write, so that every answer parses.

Kept: type, enum, const, properties, required, additionalProperties, items, prefixItems, minItems, maxItems, minLength,
maxLength, anyOf, oneOf, allOf, local $ref, and the formats date, time, date-time and uuid. Other keywords narrow
values, not shapes, and are not enforced. Objects are written in the order of `properties`, with at most one space
between marks.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from lictor.runtime.inference.errors import BadRequest
from lictor.runtime.inference.json_schema import bounds, compact, follow, kind_of, listed, merged

_MOST_RULES: Final = 5000
_CHAR: Final = r'[^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt]'
_FREE: Final = {
    "char": _CHAR,
    "string": r'"\"" char* "\""',
    "integer": '"-"? ("0" | [1-9] [0-9]{0,15})',
    "number": 'integer ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,3})?',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "object": '"{" space (string ":" space value ("," space string ":" space value)* space)? "}"',
    "array": '"[" space (value ("," space value)* space)? "]"',
    "value": "object | array | string | number | boolean | null",
    "space": '" "?',
}
_DATE: Final = r'[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])'
_TIME: Final = r'([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] "Z"'
_FORMATS: Final = {
    "date": rf'"\"" {_DATE} "\""',
    "time": rf'"\"" {_TIME} "\""',
    "date-time": rf'"\"" {_DATE} "T" {_TIME} "\""',
    "uuid": r'"\"" [0-9a-f]{8} ("-" [0-9a-f]{4}){3} "-" [0-9a-f]{12} "\""',
}


def schema_grammar(schema: Mapping[str, Any]) -> str:
    """Return the grammar of a schema; raises BadRequest when the schema cannot be read or nothing can satisfy it."""
    writer = _Writer(schema)
    with _bounded_depth():
        writer.name_root(writer.visit(schema))
    return writer.text()


def call_grammar(
    tools: Mapping[str, Mapping[str, Any]], *, text_too: bool, opening: str = "", closing: str = ""
) -> str:
    """Return the grammar of one call of one of `tools` (name to schema of its arguments): `{"name", "arguments"}`.

    `text_too` allows any text that does not begin as a call does. `opening` and `closing` stand around a call.
    """
    writer = _Writer({})
    alternatives = []
    for name, schema in tools.items():
        with _bounded_depth():
            arguments = writer.visit(_as_object(schema), root=schema)
        alternatives.append(f'{_literal(_opened(name))} {arguments} "}}"')
    call = writer.add(" | ".join(alternatives))
    around = f"{_literal(opening)} {call} {_literal(closing)}" if opening else call
    if text_too:
        around = rf"{around} | [^<{{\x00-\x20] [^\x00]*" if opening else rf"{around} | [^{{\x00-\x20] [^\x00]*"
    writer.name_root(around)
    return writer.text()


@contextmanager
def _bounded_depth() -> Iterator[None]:
    try:
        yield
    except RecursionError:
        raise BadRequest("the JSON Schema is too deep, or refers to itself without end") from None


class _Writer:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._rules: dict[str, str] = {}
        self._references: dict[tuple[int, str], str] = {}
        self._count = 0

    def text(self) -> str:
        return "\n".join(f"{name} ::= {rule}" for name, rule in self._rules.items()) + "\n"

    def name_root(self, body: str) -> None:
        self._rules["root"] = body

    def add(self, body: str) -> str:
        name = self._reserve()
        self._rules[name] = body
        return name

    def visit(self, schema: object, root: Mapping[str, Any] | None = None) -> str:  # noqa: PLR0911 — one a keyword
        """Return the name of a rule, or an inline group, for a schema."""
        if root is not None:
            self._root = root
        if schema is True or schema == {}:
            return self._free("value")
        if not isinstance(schema, Mapping):
            raise BadRequest(f"the JSON Schema holds {json.dumps(schema)[:60]} where a schema must stand")
        if "$ref" in schema:
            return self._reference(schema["$ref"])
        if "const" in schema:
            return self.add(_literal(compact(schema["const"])))
        if "enum" in schema:
            values = listed(schema, "enum")
            return self.add(" | ".join(_literal(compact(value)) for value in values))
        for union in ("anyOf", "oneOf"):
            if union in schema:
                rest = {k: v for k, v in schema.items() if k != union and k in ("properties", "required", "type")}
                return self.add(" | ".join(self.visit(merged(rest, each)) for each in listed(schema, union)))
        if "allOf" in schema:
            whole: Mapping[str, Any] = {k: v for k, v in schema.items() if k != "allOf"}
            for each in listed(schema, "allOf"):
                whole = merged(whole, self._resolve(each))
            return self.visit(whole)
        kind = schema.get("type") or kind_of(schema)
        if isinstance(kind, list):
            return self.add(" | ".join(self.visit({**schema, "type": each}) for each in kind))
        return self._typed(str(kind), schema)

    def _typed(self, kind: str, schema: Mapping[str, Any]) -> str:
        match kind:
            case "object":
                return self._object(schema)
            case "array":
                return self._array(schema)
            case "string":
                return self._string(schema)
            case "integer" | "number" | "boolean" | "null" | "value":
                return self._free(kind)
        raise BadRequest(f"the JSON Schema has the type {kind[:40]!r}, which does not exist")

    def _object(self, schema: Mapping[str, Any]) -> str:
        properties = schema.get("properties", {})
        more = schema.get("additionalProperties", not properties)
        required = schema.get("required") or []
        if not isinstance(properties, Mapping) or not isinstance(required, Sequence):
            raise BadRequest("the JSON Schema has `properties` that are no object, or `required` that is no list")
        properties = {**properties, **{name: {} for name in required if name not in properties}}
        if not properties and more is True:
            return self._free("object")
        self._free("space")
        pairs = [
            (f'{_literal(compact(name))} ":" space {self.visit(each)}', name in required)
            for name, each in properties.items()
        ]
        if more is not False:
            extra = f'{self._free("string")} ":" space {self.visit(more)}'
            return self.add(f'"{{" space {self._members(pairs, extra)} space "}}"')
        return self.add(f'"{{" space {self._members(pairs, "")} space "}}"')

    def _members(self, pairs: Sequence[tuple[str, bool]], extra: str) -> str:
        """Return the rule of members in order: at each place, one rule for the first written and one for the others."""
        begun = self.add(f'("," space {extra})*' if extra else '""')
        fresh = self.add(f'({extra} ("," space {extra})*)?' if extra else '""')
        for pair, required in reversed(pairs):
            one = self.add(pair)
            begun, fresh = (
                self.add(f'"," space {one} {begun}' + ("" if required else f" | {begun}")),
                self.add(f"{one} {begun}" + ("" if required else f" | {fresh}")),
            )
        return fresh

    def _array(self, schema: Mapping[str, Any]) -> str:
        self._free("space")
        if "prefixItems" in schema:
            parts = ' "," space '.join(self.visit(each) for each in listed(schema, "prefixItems"))
            return self.add(f'"[" space {parts} space "]"')
        least, most = bounds(schema, "minItems", "maxItems")
        item = self.visit(schema.get("items", {}))
        if most == 0:
            return self.add('"[" space "]"')
        more = f'("," space {item})' + _times(max(least - 1, 0), None if most is None else most - 1)
        items = f"{item} {more}" if least else f"({item} {more})?"
        return self.add(f'"[" space {items} space "]"')

    def _string(self, schema: Mapping[str, Any]) -> str:
        form = schema.get("format")
        if isinstance(form, str) and form in _FORMATS:
            return self.add(_FORMATS[form])
        least, most = bounds(schema, "minLength", "maxLength")
        if not least and most is None:
            return self._free("string")
        return self.add(rf'"\"" {self._free("char")}{_times(least, most)} "\""')

    def _free(self, name: str) -> str:
        if name not in self._rules:
            self._rules[name] = _FREE[name]
            for word in re.findall(r"(?<![\"\w\\])[a-z]{4,}(?![\"\w])", _FREE[name]):
                if word in _FREE:
                    self._free(word)
        return name

    def _reference(self, reference: object) -> str:
        key = (id(self._root), str(reference))
        if key not in self._references:
            name = self._references[key] = self._reserve()
            self._rules[name] = self.visit(follow(self._root, reference))
        return self._references[key]

    def _resolve(self, schema: object) -> object:
        return follow(self._root, schema["$ref"]) if isinstance(schema, Mapping) and "$ref" in schema else schema

    def _reserve(self) -> str:
        self._count += 1
        if self._count > _MOST_RULES:
            raise BadRequest("the JSON Schema is too large")
        return f"r{self._count}"


def _as_object(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return schema if "type" in schema or "properties" in schema or "$ref" in schema else {**schema, "type": "object"}


def _times(least: int, most: int | None) -> str:
    if most is None:
        return f"{{{least},}}" if least else "*"
    return f"{{{least},{most}}}"


def _opened(name: str) -> str:
    return f'{{"name": {json.dumps(name)}, "arguments": '


def _literal(text: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'
