import asyncio
import logging
import sys
from pathlib import Path

import pytest
from mcp.shared.message import SessionMessage
from mcp.types.jsonrpc import JSONRPCRequest, JSONRPCResponse

from lictor.runtime.tools.child import Child, clean_environment
from lictor.runtime.tools.failures import SourceFailed

LOG = logging.getLogger("test")
ECHO = (
    "import json, sys\n"
    "for line in sys.stdin:\n"
    "    print('noise', flush=True)\n"
    "    print(json.dumps({'jsonrpc': '2.0', 'id': json.loads(line)['id'], 'result': {}}), flush=True)\n"
)


def child(tmp_path: Path, code: str) -> Child:
    return Child((sys.executable, "-c", code), {}, tmp_path, LOG)


async def test_messages_go_out_and_come_back_and_noise_is_skipped(tmp_path: Path) -> None:
    one = child(tmp_path, ECHO)
    async with one.streams() as (read, write):
        await write.send(SessionMessage(JSONRPCRequest(jsonrpc="2.0", id=7, method="ping")))
        said = await asyncio.wait_for(read.receive(), 10)
    assert isinstance(said, SessionMessage)
    assert isinstance(said.message, JSONRPCResponse)
    assert said.message.id == 7
    assert one.exited.is_set()


async def test_last_words_are_read(tmp_path: Path) -> None:
    one = child(tmp_path, 'print(\'{"jsonrpc": "2.0", "id": 1, "result": {}}\', flush=True); exit(2)')
    async with one.streams() as (read, _):
        said = await asyncio.wait_for(read.receive(), 10)
        await asyncio.wait_for(one.exited.wait(), 10)
        assert isinstance(said, SessionMessage)
    assert one.end == "exited with status 2"


async def test_a_server_that_ignores_its_input_and_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lictor.runtime.tools.child.GRACE", 0.2)
    ready = '{"jsonrpc": "2.0", "id": 1, "result": {}}'
    code = f"import signal, time; signal.signal(15, signal.SIG_IGN); print('{ready}', flush=True); time.sleep(3600)"
    one = child(tmp_path, code)
    async with one.streams() as (read, _):
        await asyncio.wait_for(read.receive(), 10)
    await asyncio.wait_for(one.exited.wait(), 10)
    assert one.end == "was ended by SIGKILL"


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    one = Child((sys.executable,), {}, tmp_path / "none", LOG)
    with pytest.raises(SourceFailed, match=r"folder .* is not there"):
        async with one.streams():
            pass


def test_the_environment_is_what_is_declared_and_little_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setenv("HOME", "/home/x")
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setenv("TOKEN", "hidden")
    assert clean_environment({"MODE": "a", "LANG": "de"}) == {
        "PATH": "/bin",
        "HOME": "/home/x",
        "LANG": "de",
        "MODE": "a",
    }
