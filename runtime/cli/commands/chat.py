"""`lictor chat`: talk with an agent of the running team."""

import asyncio
import sys
from typing import Annotated

import typer

from lictor.protocols.identifiers import new_id
from lictor.runtime.cli.asking import ask
from lictor.runtime.cli.narrate import LONGEST
from lictor.runtime.cli.operating import operate
from lictor.runtime.cli.printable import indented, one_line
from lictor.runtime.cli.prompting import Teller
from lictor.runtime.cli.quit import Exit
from lictor.runtime.cli.screen import data, prose

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def chat(agent: Annotated[str, typer.Argument(help="Who to talk with; the first agent when left out.")] = "") -> None:
    """Talk with an agent of the team that runs here: a line is a message, an empty line or Ctrl-D ends it."""
    asyncio.run(_talk(agent))


async def _talk(agent: str) -> None:
    context = new_id()
    asks = sys.stdin.isatty()
    take = Teller(prose()).take
    async with operate() as (mesh, state):
        partner = agent or state.entry
        if asks:
            prose().print(f"talking with {partner}; an empty line ends it", markup=False)
        while said := (await asyncio.to_thread(_read_line, asks)).strip():
            ending = await ask(mesh, partner, said, task=new_id(), context=context, on_held=take)
            if ending.exit_code is Exit.DONE:
                data().print(f"{partner}: {indented(ending.outcome.text, len(partner) + 2)}", markup=False)
            else:
                prose().print(one_line(f"{ending.state}: {ending.reason}", LONGEST), markup=False)


def _read_line(asks: bool) -> str:
    if asks:
        sys.stderr.write("you: ")
        sys.stderr.flush()
    return sys.stdin.readline()
