"""Waiting for whichever of several things happens first."""

import asyncio

import pytest

from lictor.runtime.tools.events import wait_for_any


async def test_the_first_event_ends_the_wait_and_leaves_no_task() -> None:
    first, second = asyncio.Event(), asyncio.Event()
    waiting = asyncio.create_task(wait_for_any(first, second))
    second.set()
    await asyncio.wait_for(waiting, 5)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_cancelled_wait_leaves_no_task() -> None:
    waiting = asyncio.create_task(wait_for_any(asyncio.Event(), asyncio.Event()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
