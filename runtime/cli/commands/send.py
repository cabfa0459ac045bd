"""`lictor send`: one message to an agent of the running team."""

import asyncio
import sys
from typing import Annotated

import typer

from lictor.protocols.identifiers import new_id
from lictor.runtime.cli.asking import Ending, ask, quit_unless_done
from lictor.runtime.cli.listing import require_form
from lictor.runtime.cli.narrate import cited, tell_ending
from lictor.runtime.cli.operating import operate
from lictor.runtime.cli.printable import printable
from lictor.runtime.cli.prompting import Teller
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.screen import data, print_document, prose
from lictor.runtime.cli.seconds import read_seconds

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def send(
    agent: Annotated[str, typer.Argument(help="Who is asked.")],
    text: Annotated[str, typer.Argument(help="The message; - reads it from standard input.")] = "-",
    context: Annotated[str, typer.Option(help="Context id of a conversation to go on with.")] = "",
    timeout: Annotated[str, typer.Option(help="How long to wait for the answer.")] = "2m",
    output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text",
) -> None:
    """Send one message to an agent of the team that runs here, and print its answer.

    Example: lictor send triage "Where do I change my password?"
    """
    require_form(output, ("text", "json"))
    said = sys.stdin.read() if text == "-" else text
    if not said.strip():
        raise Quit(Exit.USAGE, "there is nothing to send")
    task = new_id()
    ending = asyncio.run(_send(agent, said, task, context, read_seconds(timeout)))
    if output == "json":
        _print_document(task, ending)
        raise typer.Exit(ending.exit_code)
    if ending.state == "completed":
        data().print(printable(ending.outcome.text), markup=False)
        for citation in ending.outcome.citations:
            data().print(cited(citation), markup=False)
    quit_unless_done(task, ending)


async def _send(agent: str, text: str, task: str, context: str, seconds: float) -> Ending:
    async with operate() as (mesh, _state):
        take = Teller(prose()).take
        return await ask(mesh, agent, text, task=task, context=context, seconds=seconds, on_held=take)


def _print_document(task: str, ending: Ending) -> None:
    document: dict[str, object] = {
        "apiVersion": "lictor/v1",
        "kind": "Answer",
        **tell_ending(task, ending),
        "context": ending.outcome.context,
    }
    if ending.refusal is not None:
        refusal = ending.refusal
        document["refusal"] = {
            "message": refusal.message,
            "layer": refusal.layer,
            "code": refusal.code,
            "reason": refusal.reason,
            "file": refusal.file,
            "line": refusal.line,
        }
    print_document(document)
