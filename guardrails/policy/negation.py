"""What may stand behind `not`, so that a missing field means the same to every engine.

`not input.tool in allowed` holds in the embedded engine when the input has no tool. OPA first looks the tool up,
outside of the `not`, finds nothing, and leaves the whole rule out: a denial that would not be said.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lictor.guardrails.policy.syntax import dotted, nodes_of

COMPLAINT: Final = (
    "behind `not` a field that may be missing means different things to different engines: bind it to a name first "
    "(`value := …`), or give the condition a rule of its own and write `not that_rule`"
)
_CLOSED: Final = frozenset({"ArrayCompr", "SetCompr", "ObjectCompr"})
"""Evaluated as a whole behind the `not`."""
_ROOTS: Final = frozenset({"input", "data"})


def doubtful_negations(tree: Mapping[str, Any], undefined: frozenset[str]) -> Iterator[int]:
    """Yield the line of every `not` that engines may read differently.

    `undefined` are the names, beside `input` and `data`, of what may have no value: rules and functions of the package,
    and what is imported.
    """
    doubted = _ROOTS | undefined
    for node in nodes_of(tree["rules"], "NotExpr"):
        if _is_doubtful(node["expr"], doubted):
            yield _line_of(node)


def names_without_value(trees: list[dict[str, Any]]) -> frozenset[str]:
    """Return what of a package may have no value: rules and functions, but sets, constants and defaults."""
    found: set[str] = set()
    sure: set[str] = set()
    for tree in trees:
        for rule in tree["rules"]:
            if "Default" in rule:
                sure.add(_name_of(rule["Default"]["refr"]))
                continue
            ((kind, head),) = rule["Spec"]["head"].items()
            name = _name_of(head["refr"])
            constant = kind == "Compr" and not rule["Spec"]["bodies"] and not _mentions(head.get("assign"), _ROOTS)
            if kind == "Set" or constant:
                sure.add(name)
            else:
                found.add(name)
    return frozenset(found - sure)


def _is_doubtful(node: Mapping[str, Any], doubted: frozenset[str]) -> bool:
    ((kind, part),) = node.items()
    if kind in {"Var", "RefDot", "RefBrack"}:
        return _has_doubtful_index(node, doubted)
    if kind == "BoolExpr" and part["op"] == "Eq":
        return any(_is_doubtful_side(part[side], doubted) for side in ("lhs", "rhs"))
    if kind == "Call":
        return any(_mentions(each, doubted) for each in part["params"])
    return _mentions(node, doubted)


def _is_doubtful_side(node: Mapping[str, Any], doubted: frozenset[str]) -> bool:
    if node.keys() & {"Var", "RefDot", "RefBrack"}:
        return _has_doubtful_index(node, doubted)
    return _mentions(node, doubted)


def _has_doubtful_index(node: Mapping[str, Any], doubted: frozenset[str]) -> bool:
    step: Mapping[str, Any] = node
    while "Var" not in step:
        if not step.keys() & {"RefDot", "RefBrack"}:
            return _mentions(step, doubted)
        part = step.get("RefBrack") or step["RefDot"]
        if "index" in part and _mentions(part["index"], doubted):
            return True
        step = part["refr"]
    return False


def _mentions(node: Any, names: frozenset[str]) -> bool:  # noqa: ANN401 -- a syntax tree of nested lists and dicts
    if isinstance(node, list):
        return any(_mentions(item, names) for item in node)
    if not isinstance(node, dict):
        return False
    if "Var" in node:
        return node["Var"][1] in names
    return any(_mentions(value, names) for kind, value in node.items() if kind not in _CLOSED)


def _name_of(reference: dict[str, Any]) -> str:
    return dotted(reference).split(".")[0]


def _line_of(node: Mapping[str, Any]) -> int:
    return int(node["span"]["line"])
