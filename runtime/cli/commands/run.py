"""`lictor run`: start a team, give it one task, print the answer, stop."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from lictor.protocols.errors import ProtocolError
from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import new_id
from lictor.protocols.nats.access import write_access
from lictor.protocols.nats.mesh import NatsMesh
from lictor.runtime.bus.server import BusFailed
from lictor.runtime.cli.asking import Ending, ask, quit_unless_done
from lictor.runtime.cli.definition_file import DEFAULT
from lictor.runtime.cli.following import Follower
from lictor.runtime.cli.listing import require_form
from lictor.runtime.cli.narrate import LONGEST, cited, count, describe, line, tell_ending
from lictor.runtime.cli.printable import indented, one_line, printable
from lictor.runtime.cli.prompting import Prompter, Teller, can_prompt
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.reading import read_plan
from lictor.runtime.cli.screen import ascii_only, data, print_document, prose
from lictor.runtime.cli.seconds import read_seconds
from lictor.runtime.cli.state import FOLDER, StateFolder, TeamState, make_private
from lictor.runtime.cli.team import OPERATOR, Team
from lictor.runtime.definition.outline import hide
from lictor.runtime.definition.plan import Plan
from lictor.runtime.store.failures import StoreError
from lictor.runtime.store.results import Message
from lictor.runtime.store.store import open_store
from lictor.runtime.supervisor.child import ChildFailed

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class _Run:
    """What one run came to."""

    task: str
    ending: Ending
    messages: list[Message]
    seconds: float
    """From the question to the answer."""


@app.command()
def run(  # noqa: PLR0917 -- the command line passes them all by name
    file: Annotated[str, typer.Argument(help="The team's YAML; lictor.yaml when left out.")] = "",
    prompt: Annotated[str, typer.Argument(help="The task; - reads it from standard input.")] = "",
    agent: Annotated[str, typer.Option(help="Who is asked; the first agent when left out.")] = "",
    timeout: Annotated[str, typer.Option(help="How long to wait for the answer.")] = "2m",
    output: Annotated[str, typer.Option("--output", "-o", help="text or json")] = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the answer alone.")] = False,
) -> None:
    """Start a team, give it one task, print the answer, stop.

    Example: lictor run examples/desk/desk.yaml "How do I reset the password?"
    """
    require_form(output, ("text", "json"))
    chosen, question = _arguments(file, prompt)
    plan = read_plan(chosen)
    asked = agent or plan.agents[0].name
    if all(each.name != asked for each in plan.agents):
        names = ", ".join(each.name for each in plan.agents)
        raise Quit(Exit.USAGE, f"{chosen} has no agent {asked!r}", hint=f"its agents are: {names}")
    seconds = read_seconds(timeout)
    try:
        result = asyncio.run(_perform(plan, chosen, asked, question, seconds, talk=output == "text" and not quiet))
    except (ChildFailed, BusFailed, StoreError, ProtocolError) as error:
        raise Quit(Exit.UNREACHABLE, str(error), hint="the parts' logs lie in .lictor/logs") from None
    if output == "json":
        print_document(_document(result))
        raise typer.Exit(result.ending.exit_code)
    _print(plan, result, quiet=quiet)
    quit_unless_done(result.task, result.ending)


def _arguments(file: str, prompt: str) -> tuple[Path, str]:
    if not prompt and file and not file.endswith((".yaml", ".yml")) and not Path(file).is_file():
        file, prompt = "", file
    if prompt == "-" or (not prompt and not sys.stdin.isatty()):
        prompt = sys.stdin.read()
    if not prompt.strip():
        raise Quit(Exit.USAGE, "there is no task", hint='give it behind the file: lictor run lictor.yaml "…"')
    return Path(file) if file else DEFAULT, prompt


async def _perform(plan: Plan, file: Path, agent: str, question: str, seconds: float, *, talk: bool) -> _Run:
    loop = asyncio.get_running_loop()
    current = asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM):
        if current is not None:
            loop.add_signal_handler(number, current.cancel)
    root = Path.cwd() / FOLDER
    make_private(root)
    with tempfile.TemporaryDirectory(prefix="run-", dir=root) as folder:
        team = Team(plan, Path(folder), logs=root / "logs")
        doorplate = _Doorplate(team, file, StateFolder(Path.cwd(), Path(folder).name))
        try:
            await team.open()
            return await _ask(team, doorplate, agent, question, seconds, talk=talk)
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        finally:
            await team.close()
            doorplate.remove()


class _Doorplate:
    """By which `lictor approvals` of another shell finds the team of a run: put up once something waits there."""

    def __init__(self, team: Team, file: Path, folder: StateFolder) -> None:
        self._team = team
        self._file = file
        self._folder = folder
        self._up = False

    def put_up(self) -> None:
        if self._up:
            return
        self._up = True
        self._folder.hold()
        write_access(self._folder.credentials, self._team.access(OPERATOR))
        plan = self._team.plan
        state = TeamState(
            pid=os.getpid(),
            file=str(self._file.resolve()),
            started=time.time(),
            url=self._team.url,
            store=hide(plan.store),
            ready=True,
            entry=plan.agents[0].name,
        )
        self._folder.write(state)

    def remove(self) -> None:
        if self._up:
            self._folder.leave()


async def _ask(team: Team, doorplate: _Doorplate, agent: str, question: str, seconds: float, *, talk: bool) -> _Run:
    task = new_id()
    screen = prose()
    column = max(len(name) for name in team.principals)
    plain = ascii_only()

    def tell(message: Message) -> None:
        if talk:
            screen.print(line(message, column, ascii_only=plain))

    store = await asyncio.to_thread(open_store, team.plan.store)
    mesh = NatsMesh(lambda: team.access(OPERATOR))
    given_up = asyncio.ensure_future(team.supervisor.given_up.wait())
    try:
        await mesh.open()
        async with Follower(store.reader, task, tell) as follower, contextlib.AsyncExitStack() as stack:
            started = time.monotonic()
            prompts = can_prompt()
            asker = await stack.enter_async_context(Prompter(mesh, screen)) if prompts else Teller(screen)

            def take(notice: HeldNotice) -> None:
                doorplate.put_up()
                asker.take(notice)

            asking = asyncio.ensure_future(ask(mesh, agent, question, task=task, seconds=seconds, on_held=take))
            await asyncio.wait({asking, given_up}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                asking.cancel()
                raise team.ended()
            took = time.monotonic() - started
            await follower.settle()
        return _Run(task, asking.result(), follower.messages, took)
    finally:
        given_up.cancel()
        with contextlib.suppress(ProtocolError):
            await mesh.close()
        store.close()


def _document(result: _Run) -> dict[str, Any]:
    return {
        "apiVersion": "lictor/v1",
        "kind": "Run",
        **tell_ending(result.task, result.ending),
        "messages": [describe(message) for message in result.messages],
        "seconds": round(result.seconds, 3),
    }


def _print(plan: Plan, result: _Run, *, quiet: bool) -> None:
    ending = result.ending
    if ending.state == "completed":
        said = ending.outcome.text
        data().print(printable(said) if quiet else f"\nanswer: {indented(said, len('answer: '))}", markup=False)
    if quiet:
        return
    for citation in ending.outcome.citations:
        data().print(cited(citation), markup=False)
    if ending.outcome.model:
        data().print(one_line(f"model: {ending.outcome.model}", LONGEST), markup=False)
    delivered, refused = count(result.messages)
    data().print(
        f"{refused} blocked · {delivered} delivered · {result.seconds:.1f} s · "
        f"record: {len(result.messages)} messages of task {result.task} in {_shown(plan.store)}",
        markup=False,
    )


def _shown(store: str) -> str:
    here = f"sqlite:///{Path.cwd()}/"
    return store.removeprefix(here) if store.startswith(here) else hide(store)
