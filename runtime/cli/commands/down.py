"""`lictor down`: stop the team that runs here."""

import os
import signal
import time
from pathlib import Path
from typing import Annotated

import typer

from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.seconds import read_seconds
from lictor.runtime.cli.state import StateFolder

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def down(drain: Annotated[str, typer.Option(help="How long it may take before it is killed.")] = "30s") -> None:
    """Stop the team that runs in this folder."""
    folder = StateFolder(Path.cwd())
    state = folder.read()
    patience = read_seconds(drain)
    os.kill(state.pid, signal.SIGTERM)
    until = time.monotonic() + patience
    while folder.held():
        if time.monotonic() > until:
            os.kill(state.pid, signal.SIGKILL)
            raise Quit(Exit.LATE, f"the team did not stop within {patience:g} s and was killed")
        time.sleep(0.05)
    typer.echo("stopped", err=True)
