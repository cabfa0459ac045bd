"""No process that holds an agent's real credentials gets round the enforcer; and the suite would see it if one did."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from bypass_attempts import ATTEMPTS, GRANTS
from bypass_world import World, make_world, succeeds

from lictor.runtime.bus.server import BusServer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.xdist_group("bypass")]

Place = tuple[World, BusServer]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder: Path = tmp_path_factory.mktemp("bypass")
    async with make_world(folder) as made:
        yield made


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_attempt_fails(name: str, place: Place) -> None:
    assert await succeeds(ATTEMPTS[name], *place) == ""


async def test_there_are_enough_attempts() -> None:
    assert len(ATTEMPTS) >= 25


@pytest.mark.parametrize("grant", GRANTS)
async def test_the_suite_sees_a_grant_put_back(grant: str, place: Place) -> None:
    found = {}
    for name, attempt in ATTEMPTS.items():
        how = await succeeds(attempt, *place, GRANTS[grant])
        if how:
            found[name] = how
            break
    assert found, f"nothing succeeded with the right to {grant}: the suite is blind"
