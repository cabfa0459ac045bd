"""An MCP server as a child process: JSON lines over its pipes, a clean environment, no way to outlive its parent."""

import asyncio
import logging
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp.types.jsonrpc import JSONRPCMessage
from pydantic import TypeAdapter, ValidationError

from lictor.runtime.tools.failures import SourceFailed

LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes of one message of a server; a server that writes a longer line is stopped."""
LAST_WORDS: Final = 0.5
"""Seconds for reading what an ended server has written."""
GRACE: Final = 2.0
"""Seconds that a server has to leave after its input was closed, and again after SIGTERM."""
INHERITED: Final = ("PATH", "HOME", "LANG")
"""What a server learns of our environment; the rest is declared in the YAML."""

_LAUNCH: Final = Path(__file__).with_name("launch.py")
_LONGEST_NOTE: Final = 500

Streams = tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]


class Child:
    """One server process; `streams` runs it, `exited` tells that it ended by itself."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: logging.Logger
    ) -> None:
        self._command = tuple(command)
        self._environment = clean_environment(environment)
        self._folder = folder
        self._log = log
        self._wire: TypeAdapter[JSONRPCMessage] = TypeAdapter(JSONRPCMessage)
        self.exited = asyncio.Event()
        self.end = ""
        """How the process ended, for a person."""

    @asynccontextmanager
    async def streams(self) -> AsyncIterator[Streams]:
        """Start the server and yield what it says and what it is told; raises SourceFailed when it cannot be run."""
        process = await self._start()
        said, read = anyio.create_memory_object_stream[SessionMessage | Exception](64)
        write, told = anyio.create_memory_object_stream[SessionMessage](64)
        reading = asyncio.create_task(self._read(process, said))
        tasks = [
            reading,
            asyncio.create_task(self._write(process, told)),
            asyncio.create_task(self._note(process)),
            asyncio.create_task(self._watch(process, reading)),
        ]
        try:
            yield read, write
        finally:
            await asyncio.shield(asyncio.ensure_future(self._stop(process)))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for stream in (said, read, write, told):
                stream.close()
            # A pipe that a grandchild holds, or that was no longer read, keeps the transport open for ever.
            process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 -- asyncio has no public way

    async def _start(self) -> asyncio.subprocess.Process:
        program = self._command[0]
        if not shutil.which(self._found(program), path=self._environment.get("PATH")):
            raise SourceFailed(f"the MCP server's command {program!r} is not there: install it or correct the path")
        if not self._folder.is_dir():
            raise SourceFailed(f"the MCP server's folder {self._folder} is not there")
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(_LAUNCH), str(os.getpid()), *self._command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment,
            cwd=self._folder,
            start_new_session=True,
            limit=LONGEST_LINE,
        )

    def _found(self, program: str) -> str:
        return str(self._folder / program) if "/" in program else program

    async def _read(
        self, process: asyncio.subprocess.Process, said: MemoryObjectSendStream[SessionMessage | Exception]
    ) -> None:
        assert process.stdout is not None  # noqa: S101 — it was asked for
        try:
            while line := await process.stdout.readline():
                try:
                    message = self._wire.validate_json(line)
                except ValidationError:
                    if line.strip():
                        self._log.warning("not a message of MCP: %.200r", line)
                    continue
                await said.send(SessionMessage(message))
        except ValueError:
            self._log.error("a line of more than %d bytes; the server is stopped", LONGEST_LINE)
            self._signal(process, signal.SIGKILL)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            return
        finally:
            said.close()

    async def _write(
        self, process: asyncio.subprocess.Process, told: MemoryObjectReceiveStream[SessionMessage]
    ) -> None:
        assert process.stdin is not None  # noqa: S101 — it was asked for
        with suppress(ConnectionError, RuntimeError):
            async for each in told:
                line = each.message.model_dump_json(by_alias=True, exclude_unset=True)
                process.stdin.write(line.encode() + b"\n")
                await process.stdin.drain()

    async def _note(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None  # noqa: S101 — it was asked for
        while chunk := await process.stderr.read(4096):
            for line in chunk.decode(errors="replace").splitlines():
                if line.strip():
                    self._log.info("%s", line[:_LONGEST_NOTE])

    async def _watch(self, process: asyncio.subprocess.Process, reading: asyncio.Task[None]) -> None:
        code = await _exit(process)
        self.end = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"exited with status {code}"
        self.exited.set()
        # What it wrote last is read first, but a grandchild that holds the pipe open must not hide the end.
        await asyncio.wait({reading}, timeout=LAST_WORDS)
        reading.cancel()

    async def _stop(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is not None:
            process.stdin.close()
        for farewell in (signal.SIGTERM, signal.SIGKILL):
            with suppress(TimeoutError):
                await asyncio.wait_for(self.exited.wait(), GRACE)
                break
            self._signal(process, farewell)
        self._signal(process, signal.SIGKILL)  # for what it has started itself
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE)

    def _signal(self, process: asyncio.subprocess.Process, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)


async def _exit(process: asyncio.subprocess.Process) -> int:
    """Return the exit status as soon as the process has ended, whoever still holds its pipes."""
    if sys.platform == "linux":
        with suppress(OSError):
            handle = os.pidfd_open(process.pid)
            ended = asyncio.Event()
            loop = asyncio.get_running_loop()
            loop.add_reader(handle, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(handle)
                os.close(handle)
            with suppress(TimeoutError):
                return await asyncio.wait_for(process.wait(), LAST_WORDS)
            return process.returncode or 0
    return await process.wait()


def clean_environment(declared: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a server: what is inherited by name, and what was declared."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | dict(declared)
