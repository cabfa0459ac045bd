"""`lictor policy`: explain a verdict, list the rules, run their tests."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from lictor.guardrails.policy.bundle import Module, load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.guardrails.policy.engine import PolicyError
from lictor.runtime.cli.commands.messages import describe_verdict
from lictor.runtime.cli.definition_file import DEFAULT
from lictor.runtime.cli.listing import Columns, print_items, print_rows, require_form
from lictor.runtime.cli.narrate import describe
from lictor.runtime.cli.noun import HINT, Noun
from lictor.runtime.cli.printable import indented, one_line, printable
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.reading import read_plan
from lictor.runtime.cli.recorded import FileOption, OutputOption, StoreOption, open_record, resolve, stamp
from lictor.runtime.cli.rules import Rule, TestResult, built_in_modules, find_modules, read_rule, run_tests
from lictor.runtime.cli.screen import data, print_document, prose
from lictor.runtime.definition.plan import Plan
from lictor.runtime.store.results import Message

_HELP: Final = f"The policy: explain a verdict, list rules, run their tests. {HINT}."

app = typer.Typer(cls=Noun, add_completion=False, rich_markup_mode=None, help=_HELP)

LAYERS: Final = ("identify", "admit", "route")
"""The layers of the enforcer, in their order: those behind a denial were not run."""

_MARGIN: Final = 10
_NOT_RUN: Final = "not run"
_COLUMNS: Final[Columns] = (
    ("RULE", lambda item: item["rule"]),
    ("TITLE", lambda item: one_line(item["title"], 40)),
    ("SAYS", lambda item: ", ".join(item["says"]) or "-"),
    ("FROM", lambda item: "yours" if item["user"] else "built in"),
    ("FILE", lambda item: item["file"]),
)


@app.command()
def explain(
    message: Annotated[str, typer.Argument(metavar="MSG", help="A message's id, or its beginning.")],
    output: Annotated[str, typer.Option("--output", "-o", help="table or json")] = "table",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """Explain why a message was delivered or not: every layer, its verdict, its time, and the line that decided.

    Example: lictor policy explain 0199c3a1b2c3d4e5
    """
    require_form(output, ("table", "text", "json"))
    with open_record(store, file) as reader:
        found = reader.messages_with_id(resolve("message", message, reader.message_ids))
    if output == "json":
        documents = [_explain(each) for each in found]
        listed = {"apiVersion": "lictor/v1", "kind": "ExplanationList", "items": documents}
        single = {"apiVersion": "lictor/v1", "kind": "Explanation", **documents[0]}
        print_document(listed if len(documents) > 1 else single)
        return
    for each in found:
        _print_explanation(each)


@app.command("list")
def list_rules(output: OutputOption = "table", file: FileOption = None) -> None:
    """List the rules of the bundle: the built-in ones, and the team's own.

    Example: lictor policy list --file lictor.yaml
    """
    require_form(output)
    items = [_describe_rule(rule) for rule in _read_rules(_find_plan(file))]
    print_items("RuleList", items, _COLUMNS, output, name="rule")


@app.command("test")
def try_rules(
    path: Annotated[Path | None, typer.Argument(help="Your rules and their tests: a Rego file, or a folder.")] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="table or json")] = "table",
    file: FileOption = None,
) -> None:
    """Run the tests of the built-in rules and of yours; exit 1 when one fails.

    Example: lictor policy test policies/
    """
    require_form(output, ("table", "text", "json"))
    plan = None if path is not None else _find_plan(file)
    try:
        results = list(run_tests(built_in_modules(tests=path is None) + _own_modules(path, plan)))
    except PolicyError as error:
        raise Quit(Exit.NO, str(error)) from error
    failed = [result for result in results if not result.passed]
    if output == "json":
        print_document(_test_document(results))
    else:
        for result in failed:
            data().print(f"FAIL {result.name}  ({result.file}:{result.line})  {result.error}".rstrip(), markup=False)
        prose().print(f"{len(results) - len(failed)} of {len(results)} tests passed")
    if failed or not results:
        raise typer.Exit(Exit.NO)


def _find_plan(file: Path | None) -> Plan | None:
    if file is not None:
        return read_plan(file)
    return read_plan(DEFAULT) if DEFAULT.is_file() else None


def _own_modules(path: Path | None, plan: Plan | None) -> list[Module]:
    if path is not None:
        return find_modules([path])
    if plan is None:
        return []
    folders = {policy.parent for policy in plan.policies}
    tests = [test for folder in sorted(folders) for test in sorted(folder.glob("*_test.rego"))]
    return find_modules([*plan.policies, *tests])


def _read_rules(plan: Plan | None) -> list[Rule]:
    try:
        bundle = load_bundle(plan.policy_data if plan else {}, plan.policies if plan else ())
        EmbeddedRego(bundle)  # a list of rules that do not compile would say that they hold
    except PolicyError as error:
        raise Quit(Exit.NO, str(error)) from error
    return [read_rule(module) for module in bundle.modules]


def _describe_rule(rule: Rule) -> dict[str, Any]:
    return {
        "rule": f"data.{rule.package}",
        "title": rule.title,
        "description": rule.description,
        "says": list(rule.says),
        "user": rule.user,
        "file": rule.file,
    }


def _test_document(results: list[TestResult]) -> dict[str, Any]:
    items = [
        {"test": each.name, "file": each.file, "line": each.line, "passed": each.passed, "error": each.error}
        for each in results
    ]
    return {"apiVersion": "lictor/v1", "kind": "TestList", "items": items}


def _explain(message: Message) -> dict[str, Any]:
    asked = [describe_verdict(verdict) for verdict in message.verdicts]
    told = describe(message) | {"at": stamp(message.at), "task": message.task, "bundle": message.bundle}
    return {"message": told, "layers": asked + [{"layer": name, "verdict": _NOT_RUN} for name in _not_run(message)]}


def _not_run(message: Message) -> tuple[str, ...]:
    """Return the layers that were not asked; of an answer that never came there was nothing to ask."""
    asked = {verdict.layer for verdict in message.verdicts}
    return () if "deliver" in asked else tuple(layer for layer in LAYERS if layer not in asked)


def _print_explanation(message: Message) -> None:
    screen = data()
    told = _explain(message)
    route = f"{message.sender} → {message.target}  {message.kind}  {message.method}".rstrip()
    screen.print(indented(f"{message.id}  {route}", _MARGIN), markup=False)
    screen.print(printable(f"{stamp(message.at)}  bundle {message.bundle}  {message.outcome}"), markup=False)
    rows = [
        [
            layer["layer"],
            layer["verdict"],
            f"{layer['us']:.0f}" if "us" in layer else "-",
            one_line(layer.get("reason", ""), 400) or "-",
            one_line(layer.get("rule", "") or layer.get("code", ""), 200) or "-",
            f"{layer['file']}:{layer['line']}" if layer.get("line") else "-",
        ]
        for layer in told["layers"]
    ]
    print_rows(("LAYER", "VERDICT", "µS", "REASON", "RULE", "WHERE"), rows)
