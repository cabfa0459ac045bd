"""`lictor validate`: check a team's YAML, and whatever it names."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from lictor.runtime.cli.definition_file import DEFAULT, require_file
from lictor.runtime.cli.definition_report import github_lines, problem_items, sarif
from lictor.runtime.cli.listing import require_form
from lictor.runtime.cli.quit import Exit
from lictor.runtime.cli.screen import data, print_document, prose
from lictor.runtime.definition.load import Loaded, load_plan
from lictor.runtime.definition.render import render_problems

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_FORMATS: Final = ("text", "json", "sarif", "github")


@app.command()
def validate(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]…", help="Root files; lictor.yaml if none.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are errors.")] = False,
    output: Annotated[str, typer.Option("--output", "-o", help="text, json, sarif or github")] = "text",
) -> None:
    """Check shape, references, permits, Rego and secrets; every error at once. Exit code 1 when there is one.

    Example: lictor validate examples/desk/desk.yaml
    """
    require_form(output, _FORMATS)
    roots = files or [DEFAULT]
    for root in roots:
        require_file(root)
    reports = [(root, load_plan(root, environ=os.environ, cwd=Path.cwd())) for root in roots]
    match output:
        case "json":
            items = [item for _, loaded in reports for item in problem_items(loaded, strict=strict)]
            valid = not any(item["severity"] == "error" for item in items)
            print_document({"apiVersion": "lictor/v1", "kind": "ProblemList", "valid": valid, "items": items})
        case "sarif":
            print_document(sarif([loaded for _, loaded in reports], strict=strict))
        case "github":
            for _, loaded in reports:
                for line in github_lines(loaded, strict=strict):
                    typer.echo(line)
        case _:
            for root, loaded in reports:
                _tell(root, loaded)
    if any(loaded.errors or (strict and loaded.warnings) for _, loaded in reports):
        raise typer.Exit(Exit.NO)


def _tell(root: Path, loaded: Loaded) -> None:
    color = not data().no_color
    typer.echo(render_problems(loaded.problems, loaded.sources, color=color), nl=False)
    errors, warnings = len(loaded.errors), len(loaded.warnings)
    counts = [_count(errors, "error"), _count(warnings, "warning")]
    told = ", ".join(count for count in counts if count)
    plan = loaded.plan
    if plan is None:
        prose().print(f"{root}: {told}", markup=False)
        return
    edges = sum(len(agent.delegates) for agent in plan.agents)
    parts = [
        _count(len(plan.agents), "agent"),
        _count(edges, "edge"),
        _count(len(plan.tools), "tool server"),
        _count(len(plan.models), "model"),
    ]
    prose().print(
        f"{root}: valid, {', '.join(part for part in parts if part)}{f' ({told})' if told else ''}", markup=False
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""
