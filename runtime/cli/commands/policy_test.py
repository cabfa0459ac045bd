"""`lictor policy test`: run the tests of rules, and tell what of the rules they evaluate."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lictor.guardrails.policy.engine import PolicyError
from lictor.runtime.cli.coverage import FileCoverage, cover, total
from lictor.runtime.cli.listing import print_rows, require_form
from lictor.runtime.cli.opa import VERSION, find_opa
from lictor.runtime.cli.own_rules import find_plan, own_modules
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.recorded import FileOption
from lictor.runtime.cli.rules import TestResult, built_in_modules, run_tests
from lictor.runtime.cli.screen import data, print_document, prose


def try_rules(
    path: Annotated[Path | None, typer.Argument(help="Your rules and their tests: a Rego file, or a folder.")] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="table or json")] = "table",
    file: FileOption = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Tell which lines of the rules they evaluate.")] = False,
    least: Annotated[
        float, typer.Option("--least", min=0, max=100, help="With --coverage: exit 1 below so many percent.")
    ] = 0.0,
) -> None:
    """Run the tests of the built-in rules and of yours; exit 1 when one fails.

    Coverage is counted by OPA where it is installed, else by Lictor's own engine; which of them is said.

    Example: lictor policy test policies/ --coverage
    """
    require_form(output, ("table", "text", "json"))
    own = own_modules(path, None if path is not None else find_plan(file))
    modules = built_in_modules(tests=path is None) + own
    opa = find_opa()
    try:
        results = list(run_tests(modules))
        covered = cover(modules, opa) if coverage else []
    except PolicyError as error:
        raise Quit(Exit.NO, str(error)) from error
    if path is not None:
        covered = [each for each in covered if any(each.file == module.path for module in own)]
    counted_by = f"opa {VERSION}" if opa is not None else "the embedded engine"
    failed = [result for result in results if not result.passed]
    if output == "json":
        document = _test_document(results)
        if coverage:
            document["coverage"] = _coverage_document(covered, counted_by)
        print_document(document)
    else:
        _print(results, failed)
        if coverage:
            _print_coverage(covered, counted_by)
    if failed or not results or (coverage and 100 * total(covered) < least):
        raise typer.Exit(Exit.NO)


def _print(results: list[TestResult], failed: list[TestResult]) -> None:
    for result in failed:
        data().print(f"FAIL {result.name}  ({result.file}:{result.line})  {result.error}".rstrip(), markup=False)
    prose().print(f"{len(results) - len(failed)} of {len(results)} tests passed")


def _print_coverage(covered: list[FileCoverage], counted_by: str) -> None:
    rows = [[each.file, f"{100 * each.share:.0f} %", _ranges(each.missed)] for each in covered]
    print_rows(("FILE", "COVERED", "MISSED LINES"), rows)
    prose().print(f"{100 * total(covered):.1f} % of the lines of {len(covered)} files, counted by {counted_by}")


def _ranges(lines: tuple[int, ...]) -> str:
    found: list[list[int]] = []
    for line in lines:
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found) or "-"


def _test_document(results: list[TestResult]) -> dict[str, Any]:
    items = [
        {"test": each.name, "file": each.file, "line": each.line, "passed": each.passed, "error": each.error}
        for each in results
    ]
    return {"apiVersion": "lictor/v1", "kind": "TestList", "items": items}


def _coverage_document(covered: list[FileCoverage], counted_by: str) -> dict[str, Any]:
    files = [
        {"file": each.file, "percent": round(100 * each.share, 1), "missed": list(each.missed)} for each in covered
    ]
    return {"counted_by": counted_by, "percent": round(100 * total(covered), 1), "files": files}
