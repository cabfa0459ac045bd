"""Real servers as real child processes, most of them badly behaved."""

import asyncio
import json
import logging
import os
import sys
import time
from pathlib import Path

import pytest
from mcp import MCPError
from tool_bench import running_tools, stdio

from lictor.runtime.definition.plan import Secret
from lictor.runtime.tools.failures import SourceFailed
from lictor.runtime.tools.sources.mcp_stdio import McpStdio

pytestmark = pytest.mark.slow


async def gone(pid: int) -> None:
    """Return once a process that is not our child has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(handle, ended.set)
    try:
        await asyncio.wait_for(ended.wait(), 10)
    finally:
        asyncio.get_running_loop().remove_reader(handle)
        os.close(handle)


async def test_a_server_learns_only_what_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    monkeypatch.setenv("LANG", "C.UTF-8")
    plan = stdio(tmp_path, environment={"OFFICE": Secret("north wing"), "MODE": "test"})
    async with running_tools(plan) as bench:
        seen = json.loads((await bench.call("environment")).text)
    assert (seen["OFFICE"], seen["MODE"], seen["LANG"]) == ("north wing", "test", "C.UTF-8")
    assert set(seen) <= {"PATH", "HOME", "LANG", "OFFICE", "MODE", "LC_CTYPE"}  # Python itself adds the last


async def test_what_a_server_writes_to_its_error_output_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        async with running_tools(stdio(tmp_path)) as bench:
            assert (await bench.call("fail")).is_error
    assert "plain server starts" in caplog.text


@pytest.mark.parametrize(("tool", "end"), [("leave", "exited with status 3"), ("die", "was ended by SIGKILL")])
async def test_when_a_server_ends_what_waits_is_answered_at_once(tmp_path: Path, tool: str, end: str) -> None:
    async with running_tools(stdio(tmp_path, timeout=60.0)) as bench:
        hanging = asyncio.create_task(bench.call(tool))
        begun = time.monotonic()
        with pytest.raises(SourceFailed, match=end):
            await asyncio.wait_for(bench.server.wait(), 10)
        result = await hanging
        assert (result.is_error, result.code) == (True, -32000)
        assert time.monotonic() - begun < 5
        assert (await bench.call("echo")).is_error


async def test_a_server_that_hangs_is_an_error_after_the_timeout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lictor.runtime.tools.child.GRACE", 0.2)
    async with running_tools(stdio(tmp_path, timeout=0.5)) as bench:
        result = await bench.call("hang")
        assert result.is_error
        assert "timed out" in result.text


async def test_a_server_that_hangs_for_good_ends_and_one_that_is_only_slow_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lictor.runtime.tools.child.GRACE", 0.2)
    monkeypatch.setattr("lictor.runtime.tools.sources.mcp_stdio.SIGN_OF_LIFE", 1.0)
    async with running_tools(stdio(tmp_path, timeout=0.5)) as bench:
        ended = asyncio.ensure_future(bench.server.wait())
        assert (await bench.call("nonsense")).is_error
        assert (await bench.call("echo", word="still here")).text == '{"word": "still here"}'
        assert not ended.done()
        assert (await bench.call("hang")).is_error
        with pytest.raises(SourceFailed, match="hangs: it answers neither calls nor pings"):
            await asyncio.wait_for(ended, 10)


@pytest.mark.parametrize(("tool", "said"), [("wrong", "not valid"), ("nonsense", "timed out")])
async def test_garbage_is_an_error_and_the_server_goes_on(tmp_path: Path, tool: str, said: str) -> None:
    async with running_tools(stdio(tmp_path, timeout=1.0)) as bench:
        result = await bench.call(tool)
        assert result.is_error
        assert said in result.text
        assert (await bench.call("echo", word="still here")).text == '{"word": "still here"}'


async def test_a_line_without_end_stops_the_server(tmp_path: Path) -> None:
    async with running_tools(stdio(tmp_path)) as bench:
        assert (await bench.call("flood")).is_error
        with pytest.raises(SourceFailed, match="SIGKILL"):
            await asyncio.wait_for(bench.server.wait(), 10)


async def test_what_a_server_has_started_is_stopped_with_it(tmp_path: Path) -> None:
    async with running_tools(stdio(tmp_path)) as bench:
        grandchild = int((await bench.call("begin")).text)
    await gone(grandchild)


async def test_a_grandchild_that_holds_the_pipe_does_not_hide_that_the_server_ended(tmp_path: Path) -> None:
    async with running_tools(stdio(tmp_path, timeout=60.0)) as bench:
        await bench.call("begin")
        assert (await bench.call("die")).code == -32000
        with pytest.raises(SourceFailed):
            await asyncio.wait_for(bench.server.wait(), 10)


async def test_a_server_dies_with_its_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    plan = stdio(tmp_path)
    script.write_text(
        "import asyncio, os, signal\n"
        "from pathlib import Path\n"
        "from lictor.runtime.definition.plan import ToolPlan\n"
        "from lictor.runtime.tools.sources.mcp_stdio import McpStdio\n"
        "async def main():\n"
        f"    plan = ToolPlan('tool-x', 'mcp-stdio', command={plan.command!r}, folder=Path({str(tmp_path)!r}))\n"
        "    source = McpStdio(plan)\n"
        "    await source.open()\n"
        "    print(Path(f'/proc/{os.getpid()}/task/{os.getpid()}/children').read_text().split()[-1], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, str(script), stdout=asyncio.subprocess.PIPE)
    said, _ = await parent.communicate()
    await gone(int(said))


async def test_a_command_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    plan = stdio(tmp_path)
    source = McpStdio(type(plan)(plan.principal, "mcp-stdio", command=("no-such-server-at-all",), folder=tmp_path))
    with pytest.raises(SourceFailed, match="'no-such-server-at-all' is not there"):
        await source.open()
    await source.close()


async def test_a_server_that_leaves_before_the_handshake_is_told_with_its_status(tmp_path: Path) -> None:
    source = McpStdio(stdio(tmp_path, "plain.py", "refuse-to-start"))
    with pytest.raises(SourceFailed, match="exited with status 5"):
        await source.open()
    await source.close()


async def test_nothing_is_called_before_it_is_open(tmp_path: Path) -> None:
    with pytest.raises((SourceFailed, MCPError)):
        await McpStdio(stdio(tmp_path)).list_tools()


@pytest.mark.parametrize(("hint", "calls"), [("read-only", 3), ("unknown", 1)])
async def test_only_what_is_read_only_is_called_again(tmp_path: Path, hint: str, calls: int) -> None:
    counter = tmp_path / "count"
    async with running_tools(stdio(tmp_path, "plain.py", hint, retries=2)) as bench:
        result = await bench.call("count", file=str(counter), needed=3)
        assert result.is_error == (calls == 1)
    assert len(counter.read_text()) == calls
