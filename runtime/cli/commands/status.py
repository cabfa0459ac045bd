"""`lictor status`: what runs here, and how it is."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from lictor.runtime.cli.listing import print_rows, require_form
from lictor.runtime.cli.printable import one_line
from lictor.runtime.cli.quit import Exit
from lictor.runtime.cli.screen import data, print_document
from lictor.runtime.cli.state import StateFolder, TeamState

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_LONGEST: Final = 400


@app.command()
def status(
    output: Annotated[str, typer.Option("--output", "-o", help="table or json")] = "table",
) -> None:
    """Show what runs in this folder, and how it is; exit code 3 when nothing does, 1 when a part is down."""
    require_form(output, ("table", "json"))
    state = StateFolder(Path.cwd()).read()
    if output == "json":
        print_document({"apiVersion": "lictor/v1", "kind": "Status", **asdict(state)})
    else:
        _print(state)
    if any(part.state == "failed" for part in state.parts):
        raise typer.Exit(Exit.NO)


def _print(state: TeamState) -> None:
    screen = data()
    word = "running" if state.ready else "starting"
    screen.print(f"{word}  {state.file}  pid {state.pid}  for {_age(state.started)}", markup=False)
    screen.print(f"bus {state.url}  record {state.store.rpartition('@')[2]}", markup=False)
    rows = [
        [
            part.name,
            part.kind,
            part.state,
            _age(part.since),
            str(part.pid or "-"),
            str(part.restarts),
            one_line(part.reason, _LONGEST) or "-",
        ]
        for part in state.parts
    ]
    print_rows(("PART", "KIND", "STATE", "FOR", "PID", "RESTARTS", "LAST END"), rows)


def _age(since: float) -> str:
    seconds = max(0, int(time.time() - since))
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
