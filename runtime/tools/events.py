"""Waiting for whichever of several things happens first."""

import asyncio


async def wait_for_any(*events: asyncio.Event) -> None:
    """Return as soon as one of the events is set; nothing waits any longer then."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
