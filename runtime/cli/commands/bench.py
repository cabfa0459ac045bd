"""`lictor bench`: measure, as ratios against a baseline in the same run."""

import asyncio
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Annotated

import typer

from lictor.runtime.cli.listing import require_form
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.screen import data, print_document

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def bench() -> None:
    """Measure, as ratios against a baseline in the same run."""


@app.command()
def mesh(
    seconds: Annotated[float, typer.Option(help="Seconds for each cell of each round.")] = 2.0,
    rounds: Annotated[int, typer.Option(help="Rounds; the cells are interleaved within each.")] = 5,
    output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text",
) -> None:
    """Measure the mediated path against direct NATS request/reply: 1 KiB, 1 and 64 in flight."""
    require_form(output, ("text", "json"))
    file = Path(__file__).resolve().parents[3] / "benchmarks" / "mesh.py"
    if not file.is_file():
        raise Quit(Exit.USAGE, "the benchmarks are not here", hint="they are part of a checkout, not of the package")
    specification = spec_from_file_location("mesh_benchmark", file)
    if specification is None or specification.loader is None:
        raise Quit(Exit.USAGE, f"{file} cannot be loaded")
    module = module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    document = asyncio.run(module.measure(seconds, rounds))
    if output == "json":
        print_document(document)
        return
    for name, cells in document.items():
        data().print(f"{name}: {cells}", markup=False)
