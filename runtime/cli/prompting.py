"""What a command that waits for an answer does while a person is asked about something in its task."""

import asyncio
import os
import sys
import termios
from types import TracebackType
from typing import Final, Self

from rich.console import Console

from lictor.protocols.held import HeldNotice
from lictor.protocols.mesh import Mesh
from lictor.runtime.cli import approving
from lictor.runtime.cli.printable import one_line
from lictor.runtime.cli.quit import Quit

_LONGEST: Final = 300
_YES: Final = frozenset({"y", "yes"})


def can_prompt() -> bool:
    """Tell whether somebody sits at a terminal who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class Teller:
    """Tells how to approve what is held, and when it is over."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        self._told: set[str] = set()

    def take(self, notice: HeldNotice) -> None:
        """Take a notice; several of one approval are told once."""
        if notice.over:
            if notice.approval in self._told:
                self._told.discard(notice.approval)
                self._screen.print(f"approval {notice.approval} is decided, or has expired", markup=False)
        elif notice.approval not in self._told:
            self._told.add(notice.approval)
            asked = f"{notice.sender} → {notice.target}: {notice.tool}"
            said = f"waiting for an approval: lictor approvals approve {notice.approval}"
            self._screen.print(one_line(f"{said}  ({asked})", _LONGEST), markup=False)


class Prompter:
    """Asks at the terminal, one after the other: what it shows is what is approved; no is the default.

    To be entered before anything is held and left when the answer has come.
    """

    def __init__(self, mesh: Mesh, screen: Console) -> None:
        self._mesh = mesh
        self._screen = screen
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._open: set[str] = set()
        self._over: dict[str, asyncio.Event] = {}
        self._asking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._asking = asyncio.create_task(self._ask_all())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def take(self, notice: HeldNotice) -> None:
        """Take a notice: ask about it in its turn, or no longer."""
        if notice.over:
            self._open.discard(notice.approval)
            over = self._over.get(notice.approval)
            if over is not None:
                over.set()
        elif notice.approval not in self._open:
            self._open.add(notice.approval)
            self._queue.put_nowait(notice.approval)

    async def _ask_all(self) -> None:
        while True:
            identifier = await self._queue.get()
            if identifier in self._open:
                over = self._over[identifier] = asyncio.Event()
                try:
                    await self._ask(identifier, over)
                except Quit as reason:
                    self._screen.print(one_line(reason.message, _LONGEST), markup=False)
                finally:
                    del self._over[identifier]

    async def _ask(self, identifier: str, over: asyncio.Event) -> None:
        item = await approving.shown(self._mesh, identifier)
        for line in approving.card(item):
            self._screen.print(line, markup=False)
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)  # what was typed before it was shown is no answer to it
        sys.stderr.write("approve it? [y/N] ")
        sys.stderr.flush()
        answering = asyncio.ensure_future(_read_line())
        deciding = asyncio.ensure_future(over.wait())
        try:
            await asyncio.wait({answering, deciding}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                self._screen.print("\nit was decided elsewhere, or has expired", markup=False)
                return
            if answering.result().strip().lower() in _YES:
                await approving.approve(self._mesh, identifier, item["digest"], note="at the prompt")
            else:
                await approving.deny(self._mesh, identifier, item["digest"], note="at the prompt")
        finally:
            answering.cancel()
            deciding.cancel()
            await asyncio.gather(answering, deciding, return_exceptions=True)


async def _read_line() -> str:
    """Return one line of the terminal; unlike a thread that reads, this can be given up."""
    loop = asyncio.get_running_loop()
    read: asyncio.Future[bytes] = loop.create_future()
    descriptor = sys.stdin.fileno()

    def ready() -> None:
        if not read.done():
            read.set_result(os.read(descriptor, 4096))

    loop.add_reader(descriptor, ready)
    try:
        return (await read).decode(errors="replace")
    finally:
        loop.remove_reader(descriptor)
