"""Whether an account of somebody else's bus is free: one team uses it at a time."""

import asyncio
from collections.abc import Sequence
from typing import Final

from lictor.protocols.envelope import Packet
from lictor.protocols.identifiers import new_id
from lictor.protocols.subjects import reply_prefix
from lictor.protocols.trunk import Trunk
from lictor.runtime.supervisor.child import ChildFailed

_PRESENT: Final = "lictor.control.present"
_NO_RESPONDERS: Final = b"NATS/1.0 503"


async def require_free(trunk: Trunk, url: str, *, seconds: float = 2.0) -> None:
    """Return once the broker says that no enforcer listens; `trunk` is the supervisor's, `seconds` the time for that.

    Raises ChildFailed when one does: two enforcers in one account would judge and deliver each other's messages.
    """
    free = asyncio.Event()

    def take(packets: Sequence[Packet]) -> Sequence[Packet]:
        if any(packet.headers.startswith(_NO_RESPONDERS) for packet in packets):
            free.set()
        return ()

    reply = f"{reply_prefix(trunk.principal)}.{new_id()}"
    await trunk.subscribe(reply, take)
    trunk.publish((Packet(_PRESENT, b"", b"", reply),))
    try:
        async with asyncio.timeout(seconds):
            await free.wait()
    except TimeoutError:
        raise ChildFailed(
            f"another team uses this account of {url}, or has just lost its connection: "
            "stop it, or give each team an account of its own"
        ) from None
