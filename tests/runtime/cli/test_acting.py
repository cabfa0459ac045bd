"""An operator's act, and every way it can end."""

import asyncio

import pytest
from mediated_team import agent, running_team

from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.in_memory.mesh import InMemoryBus
from lictor.runtime.cli.acting import ActFailed, act
from lictor.runtime.cli.approving import EXITS
from lictor.runtime.cli.quit import Exit, Quit


async def test_what_the_enforcer_answers() -> None:
    async with running_team(agent("writer")) as team:
        mesh = await team.mesh("op-other")
        assert await act(mesh, "approvals.list", {}) == {"approvals": []}
        with pytest.raises(ActFailed, match="nothing waits for approval") as caught:
            await act(mesh, "approvals.show", {"id": "0" * 32}, EXITS)
        assert (caught.value.exit_code, caught.value.reason_code) == (Exit.NO, "approval.unknown")
        with pytest.raises(ActFailed) as caught:
            await act(mesh, "approvals.show", {}, EXITS)
        assert (caught.value.exit_code, caught.value.reason_code) == (Exit.USAGE, "approval.arguments")
        with pytest.raises(ActFailed, match="no operation"):
            await act(mesh, "approvals.eat", {})


async def test_who_may_not_is_refused() -> None:
    async with running_team(agent("writer"), absent=["writer"]) as team:
        mesh = await team.mesh("writer")
        with pytest.raises(Quit) as caught:
            await act(mesh, "approvals.list", {})
        assert caught.value.exit_code is Exit.NOT_ALLOWED
        assert "lictor policy explain" in caught.value.hint


async def test_without_an_enforcer() -> None:
    bus = InMemoryBus(None)
    mesh = bus.mesh("op-cli")
    await mesh.open()
    with pytest.raises(Quit, match="no enforcer listens") as caught:
        await act(mesh, "approvals.list", {})
    assert caught.value.exit_code is Exit.UNREACHABLE
    await mesh.close()


async def test_while_the_bus_is_lost() -> None:
    async with running_team(agent("writer")) as team:
        mesh = team.bus.mesh("op-late")
        await mesh.open()
        acting = asyncio.create_task(act(mesh, "approvals.list", {}))
        await asyncio.sleep(0)
        mesh.correspondent.fail(lambda: MeshUnavailable("it is gone"))
        with pytest.raises(Quit, match="it is gone"):
            await acting
        await mesh.close()
