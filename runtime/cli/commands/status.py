"""`lictor status`: what runs here, and how it is."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.screen import data, print_document
from lictor.runtime.cli.state import StateFolder, TeamState

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def status(
    output: Annotated[str, typer.Option("--output", "-o", help="table or json")] = "table",
) -> None:
    """Show what runs in this folder, and how it is; exit code 3 when nothing does, 1 when a part is down."""
    if output not in {"table", "json"}:
        raise Quit(Exit.USAGE, f"-o {output} is not one of table, json")
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
    table = Table(box=None, pad_edge=False)
    for heading in ("PART", "KIND", "STATE", "FOR", "PID", "RESTARTS", "LAST END"):
        table.add_column(heading)
    for part in state.parts:
        pid = str(part.pid) if part.pid else "-"
        table.add_row(
            part.name, part.kind, part.state, _age(part.since), pid, str(part.restarts), Text(part.reason or "-")
        )
    screen.print(table)


def _age(since: float) -> str:
    seconds = max(0, int(time.time() - since))
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
