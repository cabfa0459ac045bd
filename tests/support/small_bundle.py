"""Bundles of a few lines: every stage denies, but for what is added."""

from typing import Any

from lictor.guardrails.policy.bundle import Bundle, Module, compose_bundle
from lictor.guardrails.policy.embedded_rego import parse

NOTHING = '{"allow": false, "denials": [], "asks": [], "obligations": []}'
HEAD = "package lictor.main\n\nimport rego.v1\n\n" + "".join(
    f"default {stage} := {NOTHING}\n" for stage in ("route", "flow", "content", "behaviour", "approve")
)
USER = "package lictor.user.house\n\nimport rego.v1\n\n"


def small_bundle(rules: str = "", *user: str, team: dict[str, Any] | None = None) -> Bundle:
    """Return a bundle of its own entry points with `rules` added, of modules of the user and a team's data."""
    users = (Module(f"user{number}.rego", text, user=True) for number, text in enumerate(user))
    return compose_bundle(team or {}, (Module("main.rego", HEAD + rules), *users))


def says(allow: str = "false", denials: str = "[]", asks: str = "[]", obligations: str = "[]") -> str:
    """Return a decision in Rego."""
    return f'{{"allow": {allow}, "denials": {denials}, "asks": {asks}, "obligations": {obligations}}}'


def tree_of(text: str) -> dict[str, Any]:
    """Return the syntax tree of one module."""
    return parse([Module("a.rego", text)])["a.rego"]
