"""`lictor errors`: what the codes of the linter mean."""

from typing import Annotated

import typer

from lictor.runtime.cli.listing import require_form
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.screen import print_document, print_list
from lictor.runtime.definition.errors import GROUPS, Page, read_pages
from lictor.runtime.definition.problem import guess

app = typer.Typer(no_args_is_help=False, add_completion=False, rich_markup_mode=None, help="What an error code means.")

_Output = Annotated[str, typer.Option("--output", "-o", help="text or json")]


@app.callback(invoke_without_command=True)
def errors(context: typer.Context) -> None:
    """Explain error codes; without a command, list them."""
    if context.invoked_subcommand is None:
        list_()


@app.command("ls")
def list_(output: _Output = "text") -> None:
    """List every code."""
    _require(output)
    pages = read_pages()
    if output == "json":
        print_list("ErrorList", [_document(page) for page in pages.values()])
        return
    for first, topic in GROUPS.items():
        typer.echo(f"{first}xx  {topic}")
        for page in pages.values():
            if page.code.startswith(first):
                typer.echo(f"  {page.code}  {page.title}")


@app.command()
def lookup(code: Annotated[str, typer.Argument(help="For example L201.")], output: _Output = "text") -> None:
    """Explain one code: what it means, what provokes it, what to do.

    Example: lictor errors lookup L201
    """
    _require(output)
    pages = read_pages()
    page = pages.get(code.upper())
    if page is None:
        near = guess(code.upper(), pages)
        raise Quit(Exit.USAGE, f"there is no code {code}", hint=near or "lictor errors ls lists them")
    if output == "json":
        print_document({"apiVersion": "lictor/v1", "kind": "Error", **_document(page)})
        return
    example = "".join(f"    {line}\n" for line in page.example.splitlines())
    typer.echo(
        f"{page.code}: {page.title}\n\n{page.meaning}\n"
        + (f"\nFor example:\n{example}" if example else "")
        + f"\n{page.fix}"
    )


def _require(output: str) -> None:
    require_form(output, ("text", "json"))


def _document(page: Page) -> dict[str, str]:
    return {
        "code": page.code,
        "title": page.title,
        "meaning": page.meaning,
        "example": page.example,
        "fix": page.fix,
    }
