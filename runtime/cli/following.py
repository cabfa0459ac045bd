"""Following the record of one task while it runs."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, Self

from lictor.runtime.store.reader import Reader
from lictor.runtime.store.results import Message, MessageFilter

_PAUSE: Final = 0.05
_SETTLE: Final = 5.0


class Follower:
    """Tells every message of a task as it is recorded; the record is a database, so it is asked again and again."""

    def __init__(self, reader: Reader, task: str, tell: Callable[[Message], None]) -> None:
        self._reader = reader
        self._wanted = MessageFilter(task=task)
        self._tell = tell
        self._after = 0
        self._end = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self.messages: list[Message] = []
        """What was told so far, in the order of the record."""

    async def __aenter__(self) -> Self:
        self._after = await asyncio.to_thread(self._reader.last)
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    async def settle(self) -> None:
        """Return when the record holds the end of what was asked first, or after five seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE):
                await self._end.wait()

    def _settled(self) -> bool:
        if not self.messages:
            return False
        first = self.messages[0]
        return not first.delivered or any(
            message.in_reply_to == first.id and (message.ends or not message.delivered) for message in self.messages
        )

    async def _follow(self) -> None:
        while True:
            found = await asyncio.to_thread(self._reader.messages, self._wanted, after=self._after, limit=500)
            for message in found:
                self._after = message.number
                self.messages.append(message)
                self._tell(message)
            if self._settled():
                self._end.set()
            if not found:
                await asyncio.sleep(_PAUSE)
