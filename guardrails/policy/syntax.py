"""What a Rego module's syntax tree tells before it is evaluated: its package, its rules, what it calls and reads.

Trees are as the embedded engine prints them.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """One rule of a module."""

    name: str
    line: int
    adds: bool
    """Whether it adds to a set: `name contains …`."""


def package_of(tree: dict[str, Any]) -> str:
    """Return the dotted name of a module's package."""
    return dotted(tree["package"]["refr"])


def calls_of(node: Any) -> Iterator[tuple[str, int]]:  # noqa: ANN401 -- a syntax tree of nested lists and dicts
    """Yield the dotted name and the line of every function that is called."""
    if isinstance(node, list):
        for item in node:
            yield from calls_of(item)
    elif isinstance(node, dict):
        call = node.get("Call")
        if call is not None:
            yield dotted(call["fcn"]), call["span"]["line"]
        for value in node.values():
            yield from calls_of(value)


def rules_of(tree: dict[str, Any]) -> Iterator[Rule]:
    """Yield a module's rules; a rule with several bodies or definitions comes once for each, defaults not at all."""
    for rule in tree["rules"]:
        for shape, part in rule.get("Spec", {}).get("head", {}).items():
            yield Rule(dotted(part["refr"]).split(".")[0], int(part["span"]["line"]), shape == "Set")


def data_of(node: Any) -> Iterator[tuple[tuple[str, ...], int]]:  # noqa: ANN401 -- as above
    """Yield every reference below `data`, as far as it is written out, and its line."""
    if isinstance(node, list):
        for item in node:
            yield from data_of(item)
    elif isinstance(node, dict):
        path = _below_data(node)
        if path is None:
            for value in node.values():
                yield from data_of(value)
            return
        yield path, _line(node)
        step = node
        while "Var" not in step:
            part = step.get("RefBrack") or step["RefDot"]
            yield from data_of(part.get("index"))
            step = part["refr"]


def _below_data(node: dict[str, Any]) -> tuple[str, ...] | None:
    if "Var" in node:
        return () if node["Var"][1] == "data" else None
    if "RefDot" in node:
        base = _below_data(node["RefDot"]["refr"])
        return None if base is None else (*base, node["RefDot"]["field"][1])
    if "RefBrack" in node:
        base = _below_data(node["RefBrack"]["refr"])
        index = node["RefBrack"]["index"]
        written = index.get("String") or index.get("RawString")
        return None if base is None else (*base, str(written[1]) if written else "*")
    return None


def _line(node: dict[str, Any]) -> int:
    part = node.get("RefDot") or node.get("RefBrack")
    return int(part["span"]["line"]) if part else int(node["Var"][0]["line"])


def nodes_of(node: Any, kind: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401 -- as above
    """Yield every node of one kind, such as `Call`, however deep; those within others as well."""
    if isinstance(node, list):
        for item in node:
            yield from nodes_of(item, kind)
    elif isinstance(node, dict):
        if isinstance(found := node.get(kind), dict):
            yield found
        for value in node.values():
            yield from nodes_of(value, kind)


def aliases_of(tree: dict[str, Any], raw: bytes) -> dict[str, str]:
    """Return what is imported under a name of its own, by that name; `raw` is the module's text."""
    return {
        raw[entry["as"]["start"] : entry["as"]["end"]].decode(): dotted(entry["refr"])
        for entry in tree["imports"]
        if entry.get("as") is not None
    }


def text_of(node: dict[str, Any]) -> str | None:
    """Return the text of a literal, with its escapes read; None for anything else."""
    written = node.get("String") or node.get("RawString")
    return str(written[1]) if written else None


def dotted(node: dict[str, Any]) -> str:
    """Return a reference as it is written, `a.b.c`; `*` stands for what is computed."""
    if "Var" in node:
        return str(node["Var"][1])
    if "RefDot" in node:
        return f"{dotted(node['RefDot']['refr'])}.{node['RefDot']['field'][1]}"
    if "RefBrack" in node:
        index = node["RefBrack"]["index"]
        written = index.get("String") or index.get("RawString")
        return f"{dotted(node['RefBrack']['refr'])}.{written[1] if written else '*'}"
    return "?"
