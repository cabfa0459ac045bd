"""Reading a team's YAML for a command: the plan, or an end with every error shown."""

import os
from pathlib import Path

import typer

from lictor.runtime.cli.definition_file import require_file
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.definition.load import load_plan
from lictor.runtime.definition.plan import Plan
from lictor.runtime.definition.render import render_problems


def read_plan(file: Path) -> Plan:
    """Return the plan of a team's YAML; raises Quit, after every problem was printed, when there is none."""
    require_file(file)
    loaded = load_plan(file, environ=os.environ, cwd=Path.cwd())
    if loaded.plan is None:
        typer.echo(render_problems(loaded.problems, loaded.sources), nl=False, err=True)
        first, count = loaded.errors[0], len(loaded.errors)
        told = f"{file} is not valid: {f'{count} errors' if count > 1 else 'one error'}"
        hint = f"lictor validate {file}"
        raise Quit(Exit.NO, told, code=first.code, file=first.span.file, line=first.span.line, hint=hint)
    return loaded.plan
