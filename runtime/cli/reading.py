"""Reading a team's YAML for a command: the plan, or an end with every error shown."""

import os
from pathlib import Path

import typer

from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.definition.load import load_plan
from lictor.runtime.definition.plan import Plan
from lictor.runtime.definition.render import render_problems


def read_plan(file: Path) -> Plan:
    """Return the plan of a team's YAML; raises Quit, after every problem was printed, when there is none."""
    if not file.is_file():
        raise Quit(Exit.USAGE, f"{file} does not exist", hint="name the team's YAML, or write one with: lictor new")
    loaded = load_plan(file, environ=os.environ, cwd=Path.cwd())
    if loaded.plan is None:
        typer.echo(render_problems(loaded.problems, loaded.sources), err=True)
        raise Quit(Exit.NO, f"{file} is not valid", hint=f"lictor validate {file}")
    return loaded.plan
