import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tool_bench import SERVERS

from lictor.runtime.tools.child import Child
from lictor.runtime.tools.connection import Connection
from lictor.runtime.tools.failures import SourceFailed


def child(tmp_path: Path, *command: str) -> Child:
    return Child((sys.executable, *command), {}, tmp_path, logging.getLogger("test"))


async def test_a_session_lives_from_open_to_close(tmp_path: Path) -> None:
    one = child(tmp_path, str(SERVERS / "plain.py"))
    connection = Connection(one.streams, one.exited)
    await connection.open()
    assert (await connection.session.list_tools()).tools[0].name == "echo"
    await connection.close()
    await connection.close()
    assert one.exited.is_set()
    with pytest.raises(SourceFailed, match="not connected"):
        _ = connection.session


async def test_a_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    one = child(tmp_path, "-c", "import sys; sys.stdin.read()")
    connection = Connection(one.streams, one.exited, start=0.3)
    with pytest.raises(SourceFailed, match=r"did not answer within 0\.3 s"):
        await connection.open()
    await asyncio.wait_for(one.exited.wait(), 10)


async def test_a_way_that_cannot_be_opened_is_told_in_words() -> None:
    @asynccontextmanager
    async def closed() -> AsyncIterator[Any]:
        raise ConnectionRefusedError("nobody listens")
        yield

    with pytest.raises(SourceFailed, match="cannot be used: nobody listens"):
        await Connection(closed, asyncio.Event()).open()


async def test_a_mistake_of_our_own_is_not_hidden() -> None:
    @asynccontextmanager
    async def mistaken() -> AsyncIterator[Any]:
        raise KeyError("oops")
        yield

    with pytest.raises(KeyError):
        await Connection(mistaken, asyncio.Event()).open()
