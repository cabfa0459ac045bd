import typer
from typer.testing import CliRunner

from lictor.runtime.cli.noun import Noun

app = typer.Typer(cls=Noun, add_completion=False)


@app.command("list")
def list_all(words: list[str] | None = None, *, loud: bool = False) -> None:
    typer.echo(f"list {words or []} {loud}")


@app.command()
def show(name: str) -> None:
    typer.echo(f"show {name}")


def run(*arguments: str) -> str:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False).output.strip()


def test_a_noun_without_a_verb_lists() -> None:
    assert run() == "list [] False"
    assert run("--loud") == "list [] True"
    assert run("list", "--loud") == "list [] True"


def test_a_verb_is_the_verb() -> None:
    assert run("show", "x") == "show x"
    assert "Commands" in run("--help")
