import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tool_bench import SERVERS, TOOL, running_tools

from lictor.runtime.definition.plan import Secret, ToolPlan


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(port: int) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SERVERS / "sdk.py"), str(port), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30):
            while b"running on" not in (line := await process.stderr.readline()):
                assert line, "the server ended before it listened"
        yield
    finally:
        process.kill()
        await process.communicate()


def plan(port: int) -> ToolPlan:
    return ToolPlan(
        TOOL, "mcp-http", url=f"http://127.0.0.1:{port}/mcp", headers={"Authorization": Secret("Bearer x")}, timeout=5
    )


@pytest.mark.slow
async def test_a_server_is_called_and_called_again_after_it_was_away() -> None:
    port = free_port()
    async with running_tools(plan(port)) as bench:
        away = await bench.call("add", a=1, b=1)
        assert (away.is_error, away.code) == (True, -32000)
        async with serving(port):
            assert (await bench.call("add", a=2, b=3)).text == "5"
            assert [tool.name for tool in await bench.list()] == ["add", "fails"]
        assert (await bench.call("add", a=2, b=3)).is_error
        async with serving(port):
            assert (await bench.call("add", a=4, b=5)).text == "9"


async def test_a_server_that_is_away_is_an_error_of_the_call() -> None:
    async with running_tools(plan(free_port())) as bench:
        result = await bench.call("add", a=1, b=1)
    assert (result.is_error, result.code) == (True, -32000)
    assert "cannot be used" in result.text
