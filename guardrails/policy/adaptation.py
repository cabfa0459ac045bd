"""What the embedded engine reads instead of a policy's text, where it would answer otherwise than OPA.

`count` of a text counts UTF-16 units there, `lower` treats two letters otherwise than Go does, `some x in` what is no
collection is an error, and what is imported has no name but one that is spelt out, and no functions. Lines stay as
they are.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lictor.guardrails.policy.syntax import aliases_of, dotted, nodes_of

SUPPORT: Final = """package lictor.rego

import rego.v1

counted(value) := count(split(value, "")) if is_string(value)

counted(value) := count(value) if not is_string(value)

lowered(value) := lower(replace(replace(value, "\\u0130", "i"), "\\u03a3", "\\u03c3"))

members(value) := value if is_array(value)

members(value) := value if is_object(value)

members(value) := value if is_set(value)
"""
"""A module of the embedded engine alone."""
_INSTEAD: Final = {"count": "data.lictor.rego.counted", "lower": "data.lictor.rego.lowered"}
_COLLECTIONS: Final = frozenset({"Array", "Set", "Object", "ArrayCompr", "SetCompr", "ObjectCompr"})
"""What is written out as a collection is one, and no text."""
_Edit = tuple[int, int, str]
"""From, to, and what stands there instead."""


def adapt(text: str, tree: dict[str, Any], *, built_in: bool = False) -> str:
    """Return a module's text as the embedded engine is to read it; `tree` is its syntax tree.

    Of what is built in only what looks into a message is changed: the team's data has the types that it should.
    """
    raw = text.encode()
    for start, end, instead in sorted(set(_edits(tree, raw, built_in)), reverse=True):
        raw = raw[:start] + instead.encode() + raw[end:]
    return raw.decode()


def _edits(tree: dict[str, Any], raw: bytes, built_in: bool) -> Iterator[_Edit]:
    imported = {}
    for entry in tree["imports"]:
        path = dotted(entry["refr"])
        if path.startswith(("data.", "input.")) and entry.get("as") is None:
            name = path.rpartition(".")[2]
            yield entry["span"]["end"], entry["span"]["end"], f" as {name}"
            imported[name] = path
    imported |= aliases_of(tree, raw)
    for call in nodes_of(tree["rules"], "Call"):
        name = dotted(call["fcn"])
        if (path := imported.get(name.partition(".")[0], "")) and "." in name:
            place = next(_variables(call["fcn"]))[0]
            yield place["start"], place["end"], path
        elif name in _INSTEAD and _may_differ(call["params"][0], built_in):
            place = call["fcn"]["Var"][0]
            yield place["start"], place["end"], _INSTEAD[name]
    for search in nodes_of(tree["rules"], "SomeIn"):
        collection = search["collection"]
        if _may_differ(collection, built_in):
            start, end = _span(collection)
            yield start, start, "data.lictor.rego.members("
            yield end, end, ")"


def _may_differ(node: Mapping[str, Any], built_in: bool) -> bool:
    if _COLLECTIONS & node.keys():
        return False
    return not built_in or any(name == "input" for _, name in _variables(node))


def _variables(node: Any) -> Iterator[tuple[Any, str]]:  # noqa: ANN401 -- a syntax tree of nested lists and dicts
    if isinstance(node, list):
        for item in node:
            yield from _variables(item)
    elif isinstance(node, dict):
        for kind, value in node.items():
            if kind == "Var":
                yield value[0], str(value[1])
            else:
                yield from _variables(value)


def _span(node: Mapping[str, Any]) -> tuple[int, int]:
    ((_, part),) = node.items()
    span = part[0] if isinstance(part, list) else part["span"]
    return int(span["start"]), int(span["end"])
