"""`lictor version`; the root answers it before anything is loaded, this is for its help."""

import typer

from lictor import __version__

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)
