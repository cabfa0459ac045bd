"""`lictor new`: write a project that runs as it is."""

from pathlib import Path
from typing import Annotated, Final

import typer

from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.screen import prose

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_TEMPLATES: Final = Path(__file__).resolve().parents[1] / "templates"
_QUESTIONS: Final = {
    "solo": "What is the capital of France?",
    "rag": "When is the shop open on Saturdays?",
    "desk": "How many characters does a password need?",
}


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where; it is made if need be.")] = Path(),
    template: Annotated[
        str, typer.Option("--template", help="solo: one agent; rag: one agent and a folder of documents; desk: a team.")
    ] = "solo",
) -> None:
    """Write lictor.yaml, policies and what else the template has. Nothing is overwritten.

    Example: lictor new support --template desk
    """
    if template not in _QUESTIONS:
        raise Quit(Exit.USAGE, f"there is no template {template}", hint=f"there are {', '.join(_QUESTIONS)}")
    files = _files(_TEMPLATES / template)
    taken = [name for name in files if (folder / name).exists()]
    if taken:
        raise Quit(Exit.USAGE, f"already there: {', '.join(taken)}", hint="nothing was written; name an empty folder")
    try:
        for name, content in files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as stream:
                stream.write(content)
    except OSError as error:
        raise Quit(Exit.USAGE, f"cannot write {error.filename}: {error.strerror}") from None
    for name in files:
        typer.echo(str(folder / name))
    enter = "" if folder == Path() else f"cd {folder} && "
    prose().print(f'\ntry: {enter}lictor run lictor.yaml "{_QUESTIONS[template]}"', markup=False)


def _files(template: Path) -> dict[str, bytes]:
    """Return what the template holds, by the names that the files will have."""
    paths = sorted(path for path in template.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(template)).replace("dot-", "."): path.read_bytes() for path in paths}
