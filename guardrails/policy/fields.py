"""Which fields of the input a bundle reads, derived from its syntax tree: the key of the decision cache."""

from collections.abc import Iterator
from typing import Any, Final

Path = tuple[str, ...]

WHOLE: Final[Path] = ()
"""Stands for the whole input: a rule reads it in a way that names no field."""


def read_fields(modules: list[dict[str, Any]]) -> frozenset[Path]:
    """Return the paths below `input` that the modules read, none a prefix of another.

    `modules` is the syntax tree as the embedded engine prints it. A bare or computed reference to `input`
    yields WHOLE alone, because then every field counts.
    """
    found = set(_walk(modules))
    shortest = {path for path in found if not any(path[:length] in found for length in range(len(path)))}
    return frozenset(shortest)


def _walk(node: Any) -> Iterator[Path]:  # noqa: ANN401 -- a syntax tree of nested lists and dicts
    if isinstance(node, list):
        for item in node:
            yield from _walk(item)
        return
    if not isinstance(node, dict):
        return
    path = _chain(node)
    if path is not None:
        yield path
        return
    reference = node.get("RefBrack")
    if reference is not None and (base := _chain(reference["refr"])) is not None:
        yield base
        yield from _walk(reference["index"])
        return
    for value in node.values():
        yield from _walk(value)


def _chain(node: dict[str, Any]) -> Path | None:
    if "Var" in node:
        return WHOLE if node["Var"][1] == "input" else None
    if "RefDot" in node:
        base = _chain(node["RefDot"]["refr"])
        return None if base is None else (*base, node["RefDot"]["field"][1])
    if "RefBrack" in node and "String" in node["RefBrack"]["index"]:
        base = _chain(node["RefBrack"]["refr"])
        return None if base is None else (*base, node["RefBrack"]["index"]["String"][1])
    return None
