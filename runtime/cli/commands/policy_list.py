"""`lictor policy list`: the rules of the bundle."""

from typing import Any, Final

from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyError
from lictor.runtime.cli.listing import Columns, print_items, require_form
from lictor.runtime.cli.own_rules import find_plan
from lictor.runtime.cli.printable import one_line
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.recorded import FileOption, OutputOption
from lictor.runtime.cli.rules import Rule, read_rule
from lictor.runtime.definition.plan import Plan

_COLUMNS: Final[Columns] = (
    ("RULE", lambda item: item["rule"]),
    ("TITLE", lambda item: one_line(item["title"], 40)),
    ("STAGE", lambda item: item["stage"] or "-"),
    ("SAYS", lambda item: ", ".join(item["says"]) or "-"),
    ("FROM", lambda item: "yours" if item["user"] else "built in"),
    ("FILE", lambda item: item["file"]),
)


def list_rules(output: OutputOption = "table", file: FileOption = None) -> None:
    """List the rules of the bundle: the built-in ones, and the team's own.

    Example: lictor policy list --file lictor.yaml
    """
    require_form(output)
    print_items("RuleList", _describe(find_plan(file)), _COLUMNS, output, name="rule")


def _describe(plan: Plan | None) -> list[dict[str, Any]]:
    try:
        bundle = load_bundle(plan.policy_data if plan else {}, plan.policies if plan else ())
        engine = EmbeddedRego(bundle)  # a list of rules that do not compile would say that they hold
    except PolicyError as error:
        raise Quit(Exit.NO, str(error)) from error
    stages = {name: stage for stage, names in engine.stages.user.items() for name in names}
    return [_describe_rule(read_rule(module), stages) for module in bundle.modules]


def _describe_rule(rule: Rule, stages: dict[str, str]) -> dict[str, Any]:
    parts = rule.package.split(".")
    stage = stages.get(parts[-1], "") if rule.user else parts[2] if parts[:2] == ["lictor", "rules"] else ""
    return {
        "rule": f"data.{rule.package}",
        "title": rule.title,
        "description": rule.description,
        "stage": stage,
        "says": list(rule.says),
        "user": rule.user,
        "file": rule.file,
    }
