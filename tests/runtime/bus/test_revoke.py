import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.nats.client import AccessDenied
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.runtime.bus.keys import load_revoked, save_revoked
from lictor.runtime.bus.revoke import Revoker
from lictor.runtime.bus.server import BusServer


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[BusServer]:
    bus = BusServer(tmp_path)
    await bus.open()
    yield bus
    await bus.close()


async def test_the_revoked_is_disconnected_and_others_are_not(server: BusServer) -> None:
    mint = server.mint()
    revoked, other = mint.access("triage"), mint.access("triage")
    one, two, lost = NatsTrunk(lambda: revoked), NatsTrunk(lambda: other), asyncio.Event()
    one.on_lost(lost.set)
    await one.open()
    await two.open()
    await server.revoker.open()
    started = time.monotonic()
    await server.revoker.revoke(revoked.public_key)
    async with asyncio.timeout(5):
        await lost.wait()
    assert time.monotonic() - started < 1
    await two.flush()
    assert two.bound
    with pytest.raises(AccessDenied):
        await NatsTrunk(lambda: revoked).open()
    third = mint.access("writer")
    await server.revoker.revoke(third.public_key)
    for access in (revoked, third):
        with pytest.raises(AccessDenied):
            await NatsTrunk(lambda access=access: access).open()  # type: ignore[misc]
    await one.close()
    await two.close()


async def test_a_revocation_outlives_the_server_and_the_object(server: BusServer, tmp_path: Path) -> None:
    access = server.mint().access("triage")
    await server.revoker.revoke(access.public_key)
    await server.close()
    again = BusServer(tmp_path, port=server.port)
    await again.open()
    with pytest.raises(AccessDenied):
        await NatsTrunk(lambda: access).open()
    await again.close()


async def test_without_a_server_the_revocation_is_kept_and_the_caller_told(server: BusServer, tmp_path: Path) -> None:
    access = server.mint().access("triage")
    await server.revoker.open()
    await server.close()
    revoker = Revoker(lambda: server.url, server.keys, tmp_path / "keys")
    revoker._trunk._patience = 0.2
    with pytest.raises(MeshUnavailable):
        await revoker.revoke(access.public_key, timeout=0.5)
    await server.open()
    with pytest.raises(AccessDenied):
        await NatsTrunk(lambda: access).open()


async def test_a_revocation_that_is_of_no_use_any_more_is_dropped(server: BusServer, tmp_path: Path) -> None:
    now = int(time.time())
    save_revoked(tmp_path / "keys", {"UOLD": now - 86_400 - 7200, "URECENT": now - 86_400})
    access = server.mint().access("triage")
    await server.revoker.revoke(access.public_key)
    assert set(load_revoked(tmp_path / "keys")) == {"URECENT", access.public_key}


async def test_many_at_once_all_hold(server: BusServer, tmp_path: Path) -> None:
    mint = server.mint()
    given = [mint.access("triage") for _ in range(5)]
    await asyncio.gather(*[server.revoker.revoke(access.public_key) for access in given])
    assert set(load_revoked(tmp_path / "keys")) == {access.public_key for access in given}
    for access in given:
        with pytest.raises(AccessDenied):
            await NatsTrunk(lambda access=access: access).open()  # type: ignore[misc]


async def test_what_the_server_refuses_is_an_error(server: BusServer) -> None:
    with pytest.raises(MeshUnavailable, match="the bus refused the revocation"):
        await server.revoker._push("no JWT", 5)
