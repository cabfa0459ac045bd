"""What a policy may hold, checked before it is used: Rego that engines read alike; of the user's, additions only."""

import re
from collections.abc import Mapping
from typing import Any, Final

from lictor.guardrails.policy.bundle import Module
from lictor.guardrails.policy.decision import Places
from lictor.guardrails.policy.dialect import check_dialect
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.syntax import data_of, package_of, rules_of

_USER_PACKAGE: Final = re.compile(r"lictor\.user\.[A-Za-z_][A-Za-z0-9_-]*")
_COLLECTED: Final = frozenset({"deny", "ask", "oblige"})


def check_modules(modules: tuple[Module, ...], trees: Mapping[str, dict[str, Any]]) -> Places:
    """Refuse what may not be used; return where the user's rules stand, by the rule's name.

    Raises PolicyError that names file and line.
    """
    places: dict[str, tuple[str, int]] = {}
    packages: dict[str, list[dict[str, Any]]] = {}
    for tree in trees.values():
        packages.setdefault(package_of(tree), []).append(tree)
    for module in modules:
        tree = trees[module.path]
        if not tree["rego_v1"]:
            raise PolicyError(f"{module.path}: add the line `import rego.v1`: policies are written in Rego v1")
        check_dialect(module.path, module.text, tree, packages[package_of(tree)], built_in=not module.user)
        if module.user:
            _check_user_module(module, tree, places)
    return places


def _check_user_module(module: Module, tree: dict[str, Any], places: dict[str, tuple[str, int]]) -> None:
    package = package_of(tree)
    if not _USER_PACKAGE.fullmatch(package):
        raise PolicyError(f"{module.path}:1: package {package} may not be used here: write `package lictor.user.NAME`")
    collected = [rule for rule in rules_of(tree) if rule.name in _COLLECTED]
    for rule in collected:
        if not rule.adds:
            raise PolicyError(
                f"{module.path}:{rule.line}: write `{rule.name} contains … if {{ … }}`: only that is collected"
            )
        places.setdefault(f"data.{package}.{rule.name}", (module.path, rule.line))
    for path, line in data_of([tree["imports"], tree["rules"]]):
        of_user = path[:2] == ("lictor", "user") and path[2:3] not in {(), ("*",)}
        if path[:2] != ("lictor", "team") and not of_user:
            read = ".".join(("data", *path))
            raise PolicyError(
                f"{module.path}:{line}: {read} may not be read here: "
                "rules may read data.lictor.team and data.lictor.user.NAME"
            )
    if not collected:
        raise PolicyError(
            f"{module.path}:1: it has no rule `deny contains …`, `ask contains …` or `oblige contains …`, "
            "so it decides nothing"
        )
