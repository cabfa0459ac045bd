"""Lists and tables, in the form that was asked for."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import typer
from rich.cells import cell_len
from rich.text import Text

from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.screen import data, print_document, print_list

FORMS: Final = ("table", "json", "jsonl", "name")
_STYLES: Final = {
    "allow": "green",
    "completed": "green",
    "redact": "yellow",
    "working": "cyan",
    "not run": "dim",
}
_BAD: Final = frozenset({"deny", "quarantine", "hold", "lost", "expired", "failed", "refused"})

Columns = Sequence[tuple[str, Callable[[dict[str, Any]], object]]]
"""Headings, and what of an item stands below each."""


def require_form(output: str, forms: Iterable[str] = FORMS) -> str:
    """Return the form; raises Quit when it is none."""
    if output not in forms:
        raise Quit(Exit.USAGE, f"-o {output} is not one of {', '.join(forms)}")
    return output


def print_items(kind: str, items: list[dict[str, Any]], columns: Columns, output: str, name: str = "id") -> None:
    """Print a list: a table (tab-separated where nobody watches), one document, one a line, or the names alone."""
    if output == "json":
        print_list(kind, items)
    elif output == "jsonl":
        for item in items:
            print_document(item)
    elif output == "name":
        for item in items:
            typer.echo(item[name])
    else:
        print_rows([heading for heading, _ in columns], [[str(read(item)) for _, read in columns] for item in items])


def print_rows(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on a terminal; anywhere else the same as tab-separated lines. Cells hold no line feed or tab."""
    if not sys.stdout.isatty():
        for row in [headings, *rows]:
            typer.echo("\t".join(row))
        return
    widths = [max(map(cell_len, cells)) for cells in zip(headings, *rows, strict=True)]
    screen = data()
    screen.print(_line(headings, widths, "dim"))
    for row in rows:
        screen.print(_line(row, widths))


def _line(cells: Sequence[str], widths: Sequence[int], style: str = "") -> Text:
    """Return a row; a terminal too narrow for it wraps it, since a cut id would be of no use."""
    line = Text(style=style)
    for cell, width in zip(cells, [*widths[:-1], 0], strict=True):
        line.append(cell, style=style or style_of(cell))
        line.append(" " * (max(0, width - cell_len(cell)) + 2))
    line.rstrip()
    return line


def style_of(word: str) -> str:
    """Return the style in which a verdict or a state is shown; plain for any other word."""
    return "bold red" if word in _BAD else _STYLES.get(word, "")
