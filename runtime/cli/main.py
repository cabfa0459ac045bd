"""The `lictor` command: a list of commands, of which only the one that is used is imported."""

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Final

import typer
from typer.main import get_command, get_group, get_install_completion_arguments

from lictor import __version__
from lictor.runtime.cli.quit import Quit, show

COMMANDS: Final = (
    ("new", "Write a new project."),
    ("run", "Start a team, give it one task, print the answer, stop."),
    ("up", "Start a team and keep it running."),
    ("down", "Stop the team that runs here."),
    ("status", "What runs here, and how it is."),
    ("validate", "Check a team's YAML."),
    ("plan", "Show what a team's YAML compiles to."),
    ("send", "Send one message to an agent of the running team."),
    ("chat", "Talk with an agent of the running team."),
    ("agents", "The agents of the running team."),
    ("tasks", "The tasks on record."),
    ("messages", "The messages on record, delivered or not."),
    ("approvals", "What waits for a person, and what became of it."),
    ("policy", "The policy: explain a verdict, list rules, run their tests."),
    ("replay", "Judge a message on record again."),
    ("audit", "Prove that nothing on record was changed."),
    ("guards", "The guards: list them, try a text, score them on a data set."),
    ("doctor", "Check this machine and this folder."),
    ("schema", "The JSON Schema of a team's YAML."),
    ("errors", "What an error code means."),
    ("bench", "Measure."),
    ("version", "Print the version."),
)
"""Every command and its one-line summary; the module is `commands.<name>`."""

_COMPLETION: Final = "_LICTOR_COMPLETE"
_COMPLETED: Final = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
"""Where a shell's completion puts the line so far: bash, and all others."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run teams of LLM agents in which no message is delivered unless policy says so."""


def _not_loaded() -> None:
    raise AssertionError("a command was called that was not loaded")


def build(arguments: Sequence[str]) -> typer.core.TyperGroup:
    """Return the root command; of its commands only the one that `arguments` name is loaded."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.callback()(_root)
    for name, summary in COMMANDS:
        app.command(name, help=summary)(_not_loaded)
    root = get_group(app)
    root.params.extend(get_install_completion_arguments())
    chosen = next((argument for argument in arguments if not argument.startswith("-")), "")
    if any(chosen == name for name, _ in COMMANDS):
        command = get_command(import_module(f"lictor.runtime.cli.commands.{chosen}").app)
        command.name = chosen
        root.add_command(command, chosen)
    return root


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with a code of `quit.Exit`."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that knows only ASCII gets "?", not a traceback
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] in (["version"], ["--version"]):
        sys.stdout.write(f"{__version__}\n")
        sys.exit(0)
    words = _completed() if _COMPLETION in os.environ else given
    try:
        build(words)(args=given, prog_name="lictor")
    except Quit as reason:
        show(reason, as_json=_wants_json(given))
        sys.exit(reason.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _completed() -> list[str]:
    line = next((line for name in _COMPLETED if (line := os.environ.get(name))), "")
    return line.split()[1:]


def _wants_json(arguments: Sequence[str]) -> bool:
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return any(
        argument in {"-ojson", "--output=json"} or (argument in {"-o", "--output"} and value == "json")
        for argument, value in pairs
    )
