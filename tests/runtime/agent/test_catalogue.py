import asyncio

import pytest
from mediated_team import agent, running_team, uses

from lictor.protocols.errors import TargetLost
from lictor.runtime.agent.catalogue import ToolCatalogue


async def test_a_server_is_listed_once_for_all_who_ask_at_once_and_again_when_forgotten() -> None:
    async with running_team(agent("triage", tools=uses("tool-a")), absent=["triage"]) as team:
        await team.add_tools("tool-a", {"search": lambda _: {}})
        catalogue = ToolCatalogue(await team.mesh("triage"), ["tool-a"])

        listed = await asyncio.gather(*(catalogue.tools("tool-a", seconds=5) for _ in range(5)))
        assert [tool.name for tools in listed for tool in tools] == ["search"] * 5
        assert len(team.heard["tool-a"].requests) == 1

        catalogue.forget("tool-a")
        await catalogue.tools("tool-a", seconds=5)
        assert len(team.heard["tool-a"].requests) == 2
        assert {entry.task for entry in team.entries} == {""}


async def test_a_failed_listing_is_not_kept() -> None:
    async with running_team(agent("triage", tools=uses("tool-a")), absent=["triage"]) as team:
        catalogue = ToolCatalogue(await team.mesh("triage"), ["tool-a"])

        with pytest.raises(TargetLost):
            await catalogue.tools("tool-a", seconds=5)
        await team.add_tools("tool-a", {"search": lambda _: {}})
        assert len(await catalogue.tools("tool-a", seconds=5)) == 1
