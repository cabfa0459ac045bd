"""The common life of a role in its process: opened, ready, closed when told to, failed when it fails by itself."""

import asyncio
from typing import Protocol

from lictor.protocols.nats.access import BusAccess
from lictor.runtime.supervisor.part import Life


class Lasting(Protocol):
    """What a role offers."""

    async def open(self) -> None:
        """Do its work from now on."""
        ...

    async def close(self) -> None:
        """End it, with what was begun."""
        ...

    async def wait(self) -> None:
        """Return or raise when the role cannot go on by itself."""
        ...


class Ended(Exception):
    """Raised when a role ended by itself, which no part may."""


async def last(role: Lasting, life: Life[BusAccess]) -> None:
    """Open the role, say ready, and close it when the part shall stop; raises what ended the role."""
    await role.open()
    life.ready()
    told = asyncio.ensure_future(life.stopping.wait())
    ended = asyncio.ensure_future(role.wait())
    done, _ = await asyncio.wait({told, ended}, return_when=asyncio.FIRST_COMPLETED)
    if ended in done:
        told.cancel()
        await ended
        raise Ended("the role ended by itself")
    ended.cancel()
    await asyncio.gather(ended, return_exceptions=True)
    await role.close()
