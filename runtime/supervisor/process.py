"""Processes of parts, forked from a server that has imported what they need: ready in milliseconds."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
from collections.abc import Sequence
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final, Generic, TypeVar

from lictor.runtime.supervisor.child import ChildFailed
from lictor.runtime.supervisor.part import FAILED, READY, RENEW, STOP, Part, run_part

Access = TypeVar("Access")

_LONGEST_LINE: Final = 4096
_LAST_READS: Final = 64


class ForkServer:
    """Starts part processes; the modules of `preload` are imported once, in the server."""

    def __init__(self, preload: Sequence[str], logs: Path) -> None:
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(preload))
        self._logs = logs

    async def start(self, name: str, part: Part[Access], access: Access) -> "PartProcess[Access]":
        """Start a process for the part; raises ChildFailed. To be called in the main thread."""
        _ensure_server()
        mine, theirs = self._context.Pipe()
        process = self._context.Process(
            target=run_part, args=(part, access, theirs, self._logs / f"{name}.log", name), name=name, daemon=False
        )
        starting = asyncio.ensure_future(asyncio.to_thread(process.start))
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            # A fork cannot be called back: what it makes is ended before the caller goes on.
            await asyncio.wait({starting})
            if starting.exception() is None:
                process.kill()
                process.join()
            mine.close()
            raise
        except Exception as error:
            mine.close()
            raise ChildFailed(f"{name} cannot be started: {error}") from error
        finally:
            theirs.close()
        return PartProcess(name, process, mine)


def _ensure_server() -> None:
    # A terminal's Ctrl-C, and what ends a whole group, reach the server too: it must outlast its parts, and ends
    # when the supervisor does. It inherits from here that it heeds neither.
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        forkserver.ensure_running()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class PartProcess(Generic[Access]):
    """A `Handle` on one part's process."""

    def __init__(self, name: str, process: BaseProcess, pipe: Connection) -> None:
        self._name = name
        self._process = process
        self._pipe = pipe
        self._said = b""
        self._failure = ""
        self._stopping = False
        loop = asyncio.get_running_loop()
        self._readied: asyncio.Future[None] = loop.create_future()
        self._ended: asyncio.Future[None] = loop.create_future()
        loop.add_reader(pipe.fileno(), self._hear)
        loop.add_reader(process.sentinel, self._bury)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid or 0

    async def ready(self) -> None:
        """Return when the part said that it is ready; raises ChildFailed when it ended first."""
        await asyncio.wait({self._readied, self._ended}, return_when=asyncio.FIRST_COMPLETED)
        if not self._readied.done():
            await self.wait()
            raise ChildFailed(f"{self._name} ended before it was ready")

    async def wait(self) -> None:
        """Return when the process ended well or as asked; raises ChildFailed when it did not."""
        await asyncio.shield(self._ended)
        code = self._process.exitcode
        if self._stopping or code == 0:
            return
        if self._failure:
            raise ChildFailed(self._failure)
        if code is not None and code < 0:
            raise ChildFailed(f"{self._name} was killed by {_signal_name(-code)}")
        raise ChildFailed(f"{self._name} ended with exit code {code}")

    async def stop(self, patience: float) -> None:
        """Ask the part to end, kill its process group after `patience` seconds."""
        if self._ended.done():
            return
        self._stopping = True
        with contextlib.suppress(OSError):
            self._pipe.send((STOP, None))
        try:
            await asyncio.wait_for(asyncio.shield(self._ended), patience)
        except TimeoutError:
            self._kill()
            await self._ended

    def renew(self, access: Access) -> None:
        """Give the part fresh credentials."""
        with contextlib.suppress(OSError):
            self._pipe.send((RENEW, access))

    def fail(self, reason: str) -> None:
        """End the part at once, as failed for this reason."""
        if not self._ended.done():
            self._failure = reason
            self._kill()

    def _hear(self) -> None:
        if not self._read():
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())

    def _read(self) -> bool:
        # Lines of text, read as they come: what a part says is neither unpickled nor waited for.
        try:
            chunk = os.read(self._pipe.fileno(), _LONGEST_LINE)
        except OSError:
            return False
        *lines, rest = (self._said + chunk).split(b"\n")
        self._said = rest[-_LONGEST_LINE:]
        for line in lines:
            word, _, value = line.decode("utf-8", "replace").partition(" ")
            if word == READY and not self._readied.done():
                self._readied.set_result(None)
            elif word == FAILED:
                self._failure = "".join(sign for sign in value if sign.isprintable())
        return bool(chunk)

    def _bury(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._process.sentinel)
        loop.remove_reader(self._pipe.fileno())
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            for _ in range(_LAST_READS):
                if not (self._pipe.poll() and self._read()):
                    break
        self._process.join()
        self._pipe.close()
        if not self._ended.done():
            self._ended.set_result(None)

    def _kill(self) -> None:
        # The part leads its own process group: what it started goes with it.
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
