"""`lictor send`: one message to an agent of the running team."""

import asyncio
import sys
from typing import Annotated, Final

import typer

from lictor.protocols.identifiers import new_id
from lictor.runtime.cli.asking import Ending, ask
from lictor.runtime.cli.narrate import cite
from lictor.runtime.cli.operating import operate
from lictor.runtime.cli.printable import one_line, printable
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.screen import data, print_document
from lictor.runtime.cli.seconds import read_seconds

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_LONGEST_LINE: Final = 600


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
    if output not in {"text", "json"}:
        raise Quit(Exit.USAGE, f"-o {output} is not one of text, json")
    said = sys.stdin.read() if text == "-" else text
    if not said.strip():
        raise Quit(Exit.USAGE, "there is nothing to send")
    task = new_id()
    ending = asyncio.run(_send(agent, said, task, context, read_seconds(timeout)))
    if output == "json":
        _print_document(task, ending)
    elif ending.state == "completed":
        data().print(printable(ending.outcome.text), markup=False)
        for citation in ending.outcome.citations:
            data().print(f"  {one_line(f'cites {citation.file} § {citation.heading}', _LONGEST_LINE)}", markup=False)
    if ending.exit_code is Exit.DONE:
        return
    if output == "json":
        raise typer.Exit(ending.exit_code)
    refusal = ending.refusal
    if refusal is None:
        raise Quit(ending.exit_code, ending.reason, hint=f"lictor tasks show {task}")
    hint = f"lictor policy explain {refusal.message}"
    raise Quit(
        ending.exit_code, ending.reason, file=refusal.file, line=refusal.line, message_id=refusal.message, hint=hint
    )


async def _send(agent: str, text: str, task: str, context: str, seconds: float) -> Ending:
    async with operate() as (mesh, _state):
        return await ask(mesh, agent, text, task=task, context=context, seconds=seconds)


def _print_document(task: str, ending: Ending) -> None:
    document: dict[str, object] = {
        "apiVersion": "lictor/v1",
        "kind": "Answer",
        "task": {"id": task, "state": ending.state, "reason": ending.reason},
        "context": ending.outcome.context,
        "answer": ending.outcome.text if ending.state == "completed" else "",
        "citations": cite(ending.outcome),
        "model": ending.outcome.model,
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
