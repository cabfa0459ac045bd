"""`lictor schema`: the JSON Schema of a team's YAML, for editors."""

import os
from pathlib import Path
from typing import Annotated

import typer

from lictor.runtime.cli.definition_file import DEFAULT, require_file
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.screen import prose
from lictor.runtime.definition.schema import render_schema, with_modeline

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def schema(
    file: Annotated[Path, typer.Argument(help="With --install: the file that gets the modeline.")] = DEFAULT,
    install: Annotated[
        bool, typer.Option("--install", help="Write .lictor/schema.json beside FILE, and name it in FILE.")
    ] = False,
) -> None:
    """Print the JSON Schema; with --install, make editors complete and check FILE, offline.

    Example: lictor schema --install
    """
    if not install:
        typer.echo(render_schema(), nl=False)
        return
    require_file(file)
    target = file.parent / ".lictor" / "schema.json"
    try:
        before = file.read_bytes().decode()
        target.parent.mkdir(exist_ok=True)
        target.write_text(render_schema(), encoding="utf-8")
        after = with_modeline(before, ".lictor/schema.json")
        if after != before:
            _replace(file, after)
    except (OSError, UnicodeDecodeError) as error:
        raise Quit(Exit.USAGE, f"cannot write: {error}") from None
    prose().print(f"wrote {target}; {file} names it", markup=False)


def _replace(file: Path, text: str) -> None:
    """Write beside the file and move into its place: a failure on the way leaves the file as it was."""
    target = file.resolve()
    draft = target.with_name(f".{target.name}.draft")
    draft.write_bytes(text.encode())
    draft.chmod(target.stat().st_mode & 0o7777)
    os.replace(draft, target)  # noqa: PTH105 -- the same, and says what it is
