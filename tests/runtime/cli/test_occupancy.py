from pathlib import Path

import pytest

from lictor.protocols.nats.trunk import NatsTrunk
from lictor.protocols.subjects import CONTROL_ALL
from lictor.runtime.bus.server import BusServer
from lictor.runtime.cli.occupancy import require_free
from lictor.runtime.supervisor.child import ChildFailed


async def test_an_account_is_free_until_an_enforcer_listens(tmp_path: Path) -> None:
    bus = BusServer(tmp_path)
    await bus.open()
    mint = bus.mint()
    supervisor, enforcer = (NatsTrunk(lambda name=name: mint.access(name)) for name in ("supervisor", "enforcer"))  # type: ignore[misc]
    try:
        await supervisor.open()
        await require_free(supervisor, bus.url)
        await enforcer.open()
        await enforcer.subscribe(CONTROL_ALL, lambda _packets: ())
        with pytest.raises(ChildFailed, match="another team uses this account"):
            await require_free(supervisor, bus.url, seconds=0.3)
        await enforcer.close()
        await require_free(supervisor, bus.url)
    finally:
        await supervisor.close()
        await enforcer.close()
        await bus.close()
