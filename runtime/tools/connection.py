"""A session with an MCP server, kept by one task: what enters a context there leaves it there."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Final

from mcp import Client, ClientSession, MCPError
from pydantic import ValidationError

from lictor.runtime.tools.failures import SourceFailed

START: Final = 60.0
"""Seconds in which a server has to start; some download themselves first."""

Transport = Callable[[], AbstractAsyncContextManager[Any]]
"""Opens the way to a server."""


class Connection:
    """One session from its handshake to its end; it is not opened twice."""

    def __init__(self, transport: Transport, ended: asyncio.Event, start: float = START) -> None:
        self._transport = transport
        self._ended = ended
        self._start = start
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._session: ClientSession | None = None

    @property
    def session(self) -> ClientSession:
        """The session; raises SourceFailed while there is none."""
        if self._session is None:
            raise SourceFailed("the MCP server is not connected")
        return self._session

    async def open(self) -> None:
        """Connect and shake hands; raises SourceFailed."""
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._run(ready))
        waiting = asyncio.create_task(ready.wait())
        done, _ = await asyncio.wait({self._task, waiting}, timeout=self._start, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task in done:
            await self._task
        if not done:
            await self.close()
            raise SourceFailed(f"the MCP server did not answer within {self._start:g} s")

    async def close(self) -> None:
        """Leave the session; a second call does nothing."""
        self._stopping.set()
        if self._task is None:
            return
        if self._session is None:
            self._task.cancel()
        with suppress(asyncio.CancelledError, SourceFailed):
            await self._task

    async def _run(self, ready: asyncio.Event) -> None:
        try:
            async with Client(self._transport(), cache=None) as client:
                self._session = client.session
                ready.set()
                await _either(self._ended, self._stopping)
        except Exception as error:
            reason = _reason(error)
            if reason is None:
                raise
            raise SourceFailed(f"the MCP server cannot be used: {reason}") from error
        finally:
            self._session = None


async def _either(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


def _reason(error: BaseException) -> str | None:
    """Return why a connection failed, in words; None when it is not for us to explain."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, SourceFailed):
        return str(error)
    if isinstance(error, MCPError):
        return error.message
    if isinstance(error, ValidationError):
        return "its handshake does not follow MCP"
    if isinstance(error, OSError | RuntimeError) or type(error).__module__.partition(".")[0] == "httpx2":
        return str(error) or type(error).__name__
    return None
