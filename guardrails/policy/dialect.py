"""The Rego that every engine reads alike: what may stand in a policy, checked before it is used.

OPA is what Rego is; the embedded engine differs from it here and there (docs/policy.md has the list). A policy that
could meet such a difference is refused with its line, so that no message is ever judged by a difference.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.functions import ALIKE, INSTEAD
from lictor.guardrails.policy.negation import COMPLAINT, doubtful_negations, names_without_value
from lictor.guardrails.policy.patterns import complaint_about
from lictor.guardrails.policy.syntax import aliases_of, dotted, nodes_of, rules_of, text_of

_VERB: Final = re.compile(r"%(.?)", re.DOTALL)
_COMPREHENSIONS: Final = ("ArrayCompr", "SetCompr", "ObjectCompr")
_PATTERN_FIRST: Final = frozenset(
    {"regex.match", "regex.find_n", "regex.split", "regex.find_all_string_submatch_n", "regex.is_valid"}
)
_OWN_GLOB_SIGNS: Final = re.compile(r"(?<!\\)(?:\\\\)*[$<>():]|\*\*")


def check_dialect(
    path: str, text: str, tree: dict[str, Any], package: list[dict[str, Any]], *, built_in: bool = False
) -> None:
    """Raise PolicyError, naming file and line, for what engines read differently.

    `package` are the syntax trees of the module's whole package. What is built in may take patterns from the team's
    data, where they were checked when it was made.
    """
    for line, complaint in _complaints(text.encode(), tree, package, built_in):
        raise PolicyError(f"{path}:{line}: {complaint}")


def _complaints(
    text: bytes, tree: dict[str, Any], package: list[dict[str, Any]], built_in: bool
) -> Iterator[tuple[int, str]]:
    own = {rule.name for each in package for rule in rules_of(each)}
    imported = {dotted(entry["refr"]).rpartition(".")[2] for entry in tree["imports"]} | set(aliases_of(tree, text))
    for call in nodes_of(tree["rules"], "Call"):
        yield from _of_call(call, own | imported, built_in)
    for line in doubtful_negations(tree, names_without_value(package) | imported):
        yield line, COMPLAINT
    for node in nodes_of(tree["rules"], "ArithExpr"):
        if node["op"] == "Div":
            yield node["span"]["line"], "a division has other last digits in another engine: multiply instead"
    for node in nodes_of(tree["rules"], "RefBrack"):
        written = node["index"].get("String")
        if written and b"\\" in text[written[0]["start"] : written[0]["end"]]:
            yield written[0]["line"], "a key with \\ in it is read differently: bind it to a name first"
    for rule in tree["rules"]:
        yield from _of_rule(rule.get("Spec"))


def _of_call(call: Mapping[str, Any], known: set[str], built_in: bool) -> Iterator[tuple[int, str]]:
    name, line, given = dotted(call["fcn"]), call["span"]["line"], call["params"]
    root = name.partition(".")[0]
    if root in known or root == "data":
        return
    if name not in ALIKE:
        yield line, INSTEAD.get(name, f"{name} may not be used: it is not among the functions that engines agree on")
    elif name in _PATTERN_FIRST or name == "regex.replace":
        written = text_of(given[1 if name == "regex.replace" else 0])
        if written is None and built_in:
            return
        if written is None:
            yield line, f"the pattern of {name} must be written out: one that a message brings could be any"
        elif told := complaint_about(written):
            yield line, f"regular expression: {told}"
    elif name == "glob.match" and (written := text_of(given[0])) and _OWN_GLOB_SIGNS.search(written):
        yield line, f"{written!r} is not a glob: use *, ?, [a-z] and {{one,other}}, and \\ before any other sign"
    elif name == "sprintf" and (told := _of_format(given)):
        yield line, f"sprintf: {told}"


def _of_format(given: list[dict[str, Any]]) -> str:
    written = text_of(given[0])
    if written is None:
        return "its format must be written out"
    verbs = [verb for verb in _VERB.findall(written) if verb != "%"]
    if set(verbs) - {"v", "s"}:
        return "only %v, %s and %% may stand in its format"
    items = given[1].get("Array", {}).get("items")
    if items is not None and len(items) != len(verbs):
        return f"its format asks for {len(verbs)} values and is given {len(items)}"
    return ""


def _of_rule(spec: Mapping[str, Any] | None) -> Iterator[tuple[int, str]]:
    """Yield comprehensions in the head of a rule with a body: the embedded engine fails on them, when it is asked."""
    if spec is None or not spec["bodies"]:
        return
    for kind in _COMPREHENSIONS:
        for node in nodes_of([spec["head"], *[body["assign"] for body in spec["bodies"]]], kind):
            yield node["span"]["line"], "a comprehension may not stand before `if`: bind it to a name in the body"
