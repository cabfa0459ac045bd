"""Taking the bus away from an instance that runs: its connection ends at once, and its credentials are void."""

import asyncio
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.nats.permissions import REVOKE
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.protocols.subjects import reply_prefix
from lictor.runtime.bus.keys import BusKeys, load_revoked, save_revoked
from lictor.runtime.bus.mint import DAY, system_access


class Revoker:
    """Revokes users of an embedded bus; keeps one connection as the system account's user.

    The list of the revoked is written before the server is told, so that a restart of the server cannot forget it.
    `ttl` is how long credentials are good for at most, in seconds: older revocations are of no use and are dropped.
    """

    def __init__(
        self,
        url: Callable[[], str],
        keys: BusKeys,
        folder: Path,
        *,
        ttl: float = DAY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._folder = folder
        self._ttl = ttl
        self._clock = clock
        self._trunk = NatsTrunk(lambda: system_access(url(), keys.system, now=clock()))
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._subscribed = False
        self._one_at_a_time = asyncio.Lock()

    async def open(self) -> None:
        """Connect; a second call does nothing. Raises MeshUnavailable."""
        if not self._subscribed:
            self._subscribed = True
            await self._trunk.subscribe(f"{reply_prefix('system')}.>", self._take)
        await self._trunk.open()

    async def close(self) -> None:
        """Leave; a second call does nothing."""
        await self._trunk.close()

    async def revoke(self, user: str, *, timeout: float = 5.0) -> None:
        """Revoke what was minted for the user's public key up to now.

        Raises MeshUnavailable when the server does not confirm it; even then the revocation is kept, and takes
        effect when the server starts again.
        """
        async with self._one_at_a_time:
            now = self._clock()
            known = load_revoked(self._folder)
            revoked = {key: moment for key, moment in known.items() if moment > now - self._ttl - _MARGIN}
            revoked[user] = int(now)
            save_revoked(self._folder, revoked)
            await self._push(self._keys.account_jwt(now, revoked), timeout)

    async def _push(self, jwt: str, timeout: float) -> None:
        await self.open()
        reply = f"{reply_prefix('system')}.{os.urandom(8).hex()}"
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[reply] = answer
        try:
            async with asyncio.timeout(timeout):
                await self._trunk.wait_bound(timeout)
                self._trunk.publish((Packet(REVOKE, jwt.encode(), b"", reply),))
                told = _read(await answer)
        except TimeoutError:
            raise MeshUnavailable(f"the bus did not confirm the revocation within {timeout:g} s") from None
        finally:
            self._waiting.pop(reply, None)
        if told.get("data", {}).get("code") != 200:
            raise MeshUnavailable(f"the bus refused the revocation: {told.get('error', told)}")

    def _take(self, packets: Sequence[Packet]) -> Sequence[Packet]:
        for packet in packets:
            answer = self._waiting.get(packet.subject)
            if answer is not None and not answer.done():
                answer.set_result(packet.body)
        return ()


_MARGIN: Final = 3600.0
_EMPTY: Final[dict[str, Any]] = {}


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return _EMPTY
    return told if isinstance(told, dict) else _EMPTY
