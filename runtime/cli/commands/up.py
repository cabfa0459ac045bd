"""`lictor up`: start a team and keep it running."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from lictor.protocols.errors import ProtocolError
from lictor.protocols.nats.access import write_access
from lictor.runtime.bus.mint import DAY
from lictor.runtime.bus.server import BusFailed
from lictor.runtime.cli.definition_file import DEFAULT
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.reading import read_plan
from lictor.runtime.cli.screen import prose
from lictor.runtime.cli.state import PartState, StateFolder, TeamState, make_private
from lictor.runtime.cli.team import OPERATOR, Team
from lictor.runtime.definition.outline import hide
from lictor.runtime.definition.plan import Plan
from lictor.runtime.supervisor.child import ChildFailed

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_PATIENCE: Final = 180.0
_PAUSE: Final = 0.1


@app.command()
def up(
    file: Annotated[Path, typer.Argument(help="The team's YAML.")] = DEFAULT,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when the team is ready.")] = False,
    bus_port: Annotated[int, typer.Option(help="Port of the embedded bus; 0 takes a free one.")] = 0,
) -> None:
    """Start a team and keep it running; Ctrl-C stops it.

    Example: lictor up -d && lictor send triage "Where do I change my password?"
    """
    plan = read_plan(file)
    if detach:
        _detach(file, bus_port)
        return
    folder = StateFolder(Path.cwd())
    folder.hold()
    try:
        asyncio.run(Serving(plan, file, folder, bus_port).serve())
    except (ChildFailed, BusFailed, ProtocolError) as error:
        raise Quit(Exit.UNREACHABLE, str(error), hint="the parts' logs lie in .lictor/logs") from None
    finally:
        folder.leave()


class Serving:
    """A team that runs until a signal ends it, and what other commands need to find it.

    `ttl` is how long credentials are good for, in seconds; those of the operator are on disk, and renewed there.
    """

    def __init__(self, plan: Plan, file: Path, folder: StateFolder, bus_port: int, *, ttl: float = DAY) -> None:
        self._plan = plan
        self._file = file
        self._folder = folder
        self._started = time.time()
        self._ready = False
        self._team = Team(
            plan,
            folder.root,
            logs=folder.root / "logs",
            bus_port=bus_port,
            ttl=ttl,
            on_change=self._write,
            on_renewal=self._write_credentials,
        )

    async def serve(self) -> None:
        """Start the team and return once it was stopped; raises what `Team.open` does, and ChildFailed."""
        loop = asyncio.get_running_loop()
        told = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, told.set)
        screen = prose()

        def progress(what: str, words: str, seconds: float) -> None:
            screen.print(f" ✔ {what:<10} {words:<60} {seconds * 1000:6.0f} ms", markup=False)

        opening = asyncio.ensure_future(self._team.open(progress))
        stopping = asyncio.ensure_future(told.wait())
        given_up = asyncio.ensure_future(self._team.supervisor.given_up.wait())
        await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
            return
        await opening
        self._write_credentials()
        self._ready = True
        self._write()
        screen.print(f'   try        lictor send {self._plan.agents[0].name} "…"', markup=False)
        await asyncio.wait({stopping, given_up}, return_when=asyncio.FIRST_COMPLETED)
        screen.print("stopping", markup=False)
        ended = self._team.ended()
        await self._team.close()
        if given_up.done():
            raise ended

    def _write_credentials(self) -> None:
        write_access(self._folder.credentials, self._team.access(OPERATOR))

    def _write(self) -> None:
        parts = tuple(
            PartState(part.name, part.kind, part.state.value, part.pid, part.restarts, part.reason, part.since)
            for part in self._team.report()
        )
        state = TeamState(
            os.getpid(),
            str(self._file.resolve()),
            self._started,
            self._team.url,
            hide(self._plan.store),
            self._ready,
            self._plan.agents[0].name,
            parts,
        )
        self._folder.write(state)


def _detach(file: Path, bus_port: int) -> None:
    folder = StateFolder(Path.cwd())
    if folder.held():
        raise Quit(Exit.NO, "a team already runs in this folder", hint="lictor status shows it, lictor down stops it")
    log = folder.root / "logs" / "up.log"
    make_private(folder.root)
    log.parent.mkdir(exist_ok=True)
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as sink:
        # -P: a file of the working folder must not stand in for a module that the enforcer imports.
        command = [sys.executable, "-P", "-m", "lictor", "up", str(file), "--bus-port", str(bus_port)]
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True)  # noqa: S603 -- our own command
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if child.poll() is not None:
            raise Quit(Exit.UNREACHABLE, f"the team did not start: {_last_line(log)}", hint=f"its log is {log}")
        try:
            if folder.read().ready:
                typer.echo(f"running, pid {child.pid}; lictor status shows it, lictor down stops it", err=True)
                return
        except Quit:
            pass
        time.sleep(_PAUSE)
    child.terminate()
    raise Quit(Exit.LATE, f"the team was not ready within {_PATIENCE:g} s", hint=f"its log is {log}")


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("error")]
    return (told or lines or ["it said nothing"])[-1]
