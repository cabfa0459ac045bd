import asyncio
import json
from pathlib import Path

import pytest
from tool_bench import TOOL, running_tools, stdio

from lictor.runtime.definition.plan import ToolPlan
from lictor.runtime.tools.failures import SourceFailed
from lictor.runtime.tools.server import source_of

pytestmark = pytest.mark.slow


async def test_the_tools_of_a_child_process_are_listed_and_called(tmp_path: Path) -> None:
    async with running_tools(stdio(tmp_path, "sdk.py")) as bench:
        assert [tool.name for tool in await bench.list()] == ["add", "fails"]
        assert (await bench.call("add", a=2, b=3)).text == "5"


async def test_calls_run_side_by_side(tmp_path: Path) -> None:
    async with running_tools(stdio(tmp_path, "sdk.py")) as bench:
        results = await asyncio.gather(*(bench.call("add", a=number, b=1) for number in range(20)))
        assert [result.text for result in results] == [str(number + 1) for number in range(20)]


async def test_a_tool_that_is_not_there_is_an_error_that_says_so(tmp_path: Path) -> None:
    async with running_tools(stdio(tmp_path, "sdk.py")) as bench:
        result = await bench.call("multiply", a=1)
        assert result.is_error
        assert "multiply" in result.text


async def test_an_exception_of_a_tool_does_not_leave_its_server(tmp_path: Path) -> None:
    async with running_tools(stdio(tmp_path, "sdk.py")) as bench:
        result = await bench.call("fails")
        assert result.is_error
        assert "Traceback" not in result.text


async def test_what_is_too_large_for_the_bus_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "tool.py").write_text("def big() -> str:\n    return 'x' * 2_000_000\n")
    plan = ToolPlan(TOOL, "python", source=tmp_path / "tool.py", function="big", folder=tmp_path)
    async with running_tools(plan) as bench:
        result = await bench.call("big")
        assert result.is_error
        assert "limit" in result.text


async def test_close_is_the_end_of_wait(tmp_path: Path) -> None:
    async with running_tools(stdio(tmp_path, "plain.py")) as bench:
        waiting = asyncio.create_task(bench.server.wait())
        assert json.loads((await bench.call("echo", word="hi")).text) == {"word": "hi"}
        await bench.server.close()
        await asyncio.wait_for(waiting, 5)
        await bench.server.close()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(SourceFailed, match="no kind of tool server"):
        source_of(ToolPlan(TOOL, "carrier-pigeon"))
