"""The mesh on a real nats-server when the bus or the credentials go away; what both meshes share is in conformance/."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mesh_world import ANSWER, ASK, NatsWorld, echo, task

from lictor.protocols.errors import MeshUnavailable, NoEnforcer, ProtocolError, Refused
from lictor.protocols.mesh import Delivery
from lictor.protocols.nats.access import BusAccess, read_access, write_access
from lictor.protocols.nats.client import AccessDenied
from lictor.protocols.nats.mesh import NatsMesh
from lictor.protocols.subjects import Kind
from lictor.runtime.bus.server import BusFailed

pytestmark = pytest.mark.slow


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[NatsWorld]:
    made = NatsWorld(tmp_path)
    await made.open()
    yield made
    await made.close()


async def ask(mesh: NatsMesh, timeout: float = 5.0) -> bytes:
    return (await mesh.request(Kind.A2A, "triage", ASK, timeout=timeout, thread=task())).body


async def until_lost(mesh: NatsMesh) -> None:
    lost = asyncio.Event()
    mesh._trunk.on_lost(lost.set)
    if mesh.bound:
        async with asyncio.timeout(10):
            await lost.wait()


async def test_what_waits_fails_at_once_when_the_bus_is_killed(world: NatsWorld) -> None:
    caller, triage, arrived = await world.mesh("op-cli"), await world.mesh("triage"), asyncio.Event()

    async def never(_delivery: Delivery) -> None:
        arrived.set()

    await triage.serve(never)
    waiting = [asyncio.create_task(ask(caller, timeout=60)) for _ in range(20)]
    stream = caller.stream(Kind.A2A, "triage", ASK, timeout=60, thread=task())
    streaming = asyncio.ensure_future(anext(stream))
    await arrived.wait()
    os.kill(world.server.pid, signal.SIGKILL)
    started = time.monotonic()
    outcomes = await asyncio.gather(*waiting, streaming, return_exceptions=True)
    assert time.monotonic() - started < 5
    assert {type(outcome) for outcome in outcomes} == {MeshUnavailable}
    assert str(outcomes[0]) == "the connection to the bus was lost before the answer came"
    with pytest.raises(BusFailed, match="signal SIGKILL"):
        await world.server.wait()


@pytest.mark.slow
async def test_restarts_under_load_fail_what_they_interrupt_and_lose_nothing_else(world: NatsWorld) -> None:
    caller, triage = await world.mesh("op-cli"), await world.mesh("triage")
    await triage.serve(echo)
    outcomes: Counter[str] = Counter()
    stop = asyncio.Event()
    answered = asyncio.Condition()

    async def call() -> None:
        while not stop.is_set():
            try:
                assert await ask(caller, timeout=20) == ASK
            except (MeshUnavailable, ProtocolError) as error:
                what = error.refusal.layer if isinstance(error, Refused) else type(error).__name__
                outcomes[what] += 1
                if isinstance(error, NoEnforcer):
                    await world.enforcer._trunk.wait_bound(10)  # type: ignore[attr-defined]
                continue
            outcomes["answered"] += 1
            async with answered:
                answered.notify_all()

    async def answers(more: int) -> None:
        goal = outcomes["answered"] + more
        async with asyncio.timeout(20), answered:
            await answered.wait_for(lambda: outcomes["answered"] >= goal)

    async with asyncio.TaskGroup() as callers:
        for _ in range(16):
            callers.create_task(call())
        for number in range(4):
            await answers(100)
            if number % 2:
                os.kill(world.server.pid, signal.SIGKILL)
                with pytest.raises(BusFailed):
                    await world.server.wait()
            else:
                await world.server.close()
            await world.server.open()
        await answers(100)
        stop.set()
    assert set(outcomes) <= {"answered", "MeshUnavailable", "NoEnforcer", "EnforcerLost", "TargetLost", "record"}
    assert not caller._correspondent._waiting


async def test_a_message_waits_for_the_bus_to_be_back(world: NatsWorld) -> None:
    caller, triage = await world.mesh("op-cli"), await world.mesh("triage")
    await triage.serve(echo)
    await world.server.close()
    await until_lost(caller)
    assert not caller.bound
    await world.server.open()
    await triage._trunk.wait_bound(10)
    await world.enforcer._trunk.wait_bound(10)  # type: ignore[attr-defined]
    (outcome,) = await asyncio.gather(ask(caller), return_exceptions=True)
    if isinstance(outcome, Refused):  # judged all the same; the recorder came back later than the enforcer
        assert outcome.refusal.layer == "record"
    else:
        assert outcome == ASK


async def test_a_bus_that_stays_away_is_an_error_after_the_patience(world: NatsWorld) -> None:
    mesh = NatsMesh(lambda: world.mint.access("op-cli"), patience=0.3)
    await mesh.open()
    await world.server.close()
    await until_lost(mesh)
    with pytest.raises(MeshUnavailable, match=r"no connection to the bus for 0\.3 s"):
        await ask(mesh, timeout=30)
    await mesh.close()


async def test_an_answer_that_cannot_be_sent_is_an_error_at_the_handler(world: NatsWorld) -> None:
    caller = await world.mesh("op-cli")
    triage = NatsMesh(lambda: world.mint.access("triage"), patience=0.2)
    await triage.open()
    raised: asyncio.Future[type] = asyncio.get_running_loop().create_future()

    async def late(delivery: Delivery) -> None:
        await world.server.close()
        await until_lost(triage)
        try:
            await delivery.answer(ANSWER)
        except MeshUnavailable as error:
            raised.set_result(type(error))

    await triage.serve(late)
    with pytest.raises(MeshUnavailable):
        await ask(caller)
    async with asyncio.timeout(10):
        assert await raised is MeshUnavailable
    await triage.close()


async def test_a_mesh_lives_on_with_the_credentials_that_its_file_then_holds(world: NatsWorld, tmp_path: Path) -> None:
    path = tmp_path / "op-cli.creds"
    write_access(path, world.mint.access("op-cli", ttl=1.0))
    mesh = NatsMesh(lambda: read_access(path, world.server.url))
    await mesh.open()
    triage = await world.mesh("triage")
    await triage.serve(echo)
    assert await ask(mesh) == ASK
    write_access(path, world.mint.access("op-cli"))
    await until_lost(mesh)
    assert await ask(mesh) == ASK
    await mesh.close()


async def test_a_revoked_mesh_is_cut_off_and_stays_out(world: NatsWorld) -> None:
    access: BusAccess = world.mint.access("triage")
    mesh = NatsMesh(lambda: access)
    await mesh.open()
    other = await world.mesh("triage")
    await world.server.revoker.revoke(access.public_key)
    await until_lost(mesh)
    assert other.bound
    with pytest.raises(AccessDenied):
        await NatsMesh(lambda: access).open()
    await world.server.close()
    await world.server.open()
    with pytest.raises(AccessDenied):
        await NatsMesh(lambda: access).open()
    await mesh.close()
