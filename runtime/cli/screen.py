"""Where commands print: data to stdout, progress and prose to stderr."""

import os
import sys
from typing import Any

import msgspec
import typer
from rich.console import Console


def data() -> Console:
    """Return the console for data."""
    return Console(highlight=False, soft_wrap=True, no_color=_plain(sys.stdout))


def prose() -> Console:
    """Return the console for progress and prose."""
    return Console(stderr=True, highlight=False, soft_wrap=True, no_color=_plain(sys.stderr))


def print_document(document: object) -> None:
    """Print one JSON document on one line."""
    typer.echo(msgspec.json.encode(document).decode())


def print_list(kind: str, items: list[dict[str, Any]]) -> None:
    """Print a list as its JSON document."""
    print_document({"apiVersion": "lictor/v1", "kind": kind, "items": items})


def ascii_only() -> bool:
    """Tell whether stderr cannot show more than ASCII."""
    return "utf" not in (sys.stderr.encoding or "").lower()


def _plain(stream: object) -> bool:
    return "NO_COLOR" in os.environ or not getattr(stream, "isatty", bool)()
