import asyncio
import multiprocessing
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import sample_parts
from sample_parts import Ear, SampleAccess

from lictor.runtime.supervisor.child import ChildFailed
from lictor.runtime.supervisor.process import ForkServer


@pytest.fixture
def ear() -> Iterator[Ear]:
    with sample_parts.listen() as heard:
        yield heard


@pytest.fixture
def forks(tmp_path: Path) -> ForkServer:
    return ForkServer(["sample_parts"], tmp_path / "logs")


async def test_a_part_gets_ready_and_stops_when_asked(forks: ForkServer, ear: Ear) -> None:
    handle = await forks.start("one", sample_parts.serve, SampleAccess(ear.path, "first"))
    await handle.ready()
    await handle.stop(10)
    assert await ear.hear() == "stopped first"
    await handle.wait()
    assert not alive(handle.pid)


async def test_stopping_twice_does_nothing(forks: ForkServer, ear: Ear) -> None:
    handle = await forks.start("one", sample_parts.serve, SampleAccess(ear.path))
    await handle.ready()
    await asyncio.gather(handle.stop(10), handle.stop(10))
    await handle.stop(10)


async def test_a_part_that_was_killed_has_failed_by_that_signal(forks: ForkServer, ear: Ear) -> None:
    handle = await forks.start("one", sample_parts.serve, SampleAccess(ear.path))
    await handle.ready()
    os.kill(handle.pid, signal.SIGKILL)
    with pytest.raises(ChildFailed, match="one was killed by SIGKILL"):
        await handle.wait()


async def test_a_part_killed_before_it_was_ready_is_not_ready(forks: ForkServer, ear: Ear) -> None:
    handle = await forks.start("one", sample_parts.dawdle, SampleAccess(ear.path))
    assert await ear.hear() == str(handle.pid)
    os.kill(handle.pid, signal.SIGTERM)  # asks it to stop, which it does not heed
    os.kill(handle.pid, signal.SIGKILL)
    with pytest.raises(ChildFailed, match="SIGKILL"):
        await handle.ready()


async def test_a_part_can_be_ended_for_a_reason(forks: ForkServer, ear: Ear) -> None:
    handle = await forks.start("one", sample_parts.cling, SampleAccess(ear.path))
    await handle.ready()
    handle.fail("it flooded the bus")
    with pytest.raises(ChildFailed, match=r"^it flooded the bus$"):
        await handle.wait()
    handle.fail("again")
    assert not alive(handle.pid)


async def test_a_part_that_does_not_stop_is_killed(forks: ForkServer, ear: Ear) -> None:
    handle = await forks.start("one", sample_parts.cling, SampleAccess(ear.path))
    await handle.ready()
    await handle.stop(0.05)
    await handle.wait()
    assert not alive(handle.pid)


async def test_what_a_part_raises_is_what_it_failed_by(forks: ForkServer, ear: Ear, tmp_path: Path) -> None:
    handle = await forks.start("one", sample_parts.fail, SampleAccess(ear.path))
    with pytest.raises(ChildFailed, match=r"^the disk is full$"):
        await handle.ready()
    later = await forks.start("two", sample_parts.fail_later, SampleAccess(ear.path))
    with pytest.raises(ChildFailed, match=r"^the disk is full$"):
        await later.wait()
    assert "Traceback" in (tmp_path / "logs" / "one.log").read_text(encoding="utf-8")


async def test_a_crash_without_a_word_is_told_by_its_exit_code(forks: ForkServer, ear: Ear) -> None:
    handle = await forks.start("one", sample_parts.exit_at_once, SampleAccess(ear.path))
    with pytest.raises(ChildFailed, match="one ended with exit code 7"):
        await handle.wait()


async def test_a_part_that_ends_by_itself_has_ended_well(forks: ForkServer, ear: Ear) -> None:
    handle = await forks.start("one", sample_parts.finish, SampleAccess(ear.path))
    await handle.wait()
    early = await forks.start("two", sample_parts.finish_early, SampleAccess(ear.path))
    with pytest.raises(ChildFailed, match="two ended before it was ready"):
        await early.ready()


async def test_fresh_credentials_reach_the_part(forks: ForkServer, ear: Ear) -> None:
    handle = await forks.start("one", sample_parts.serve, SampleAccess(ear.path, "old"))
    await handle.ready()
    handle.renew(SampleAccess(ear.path, "fresh"))
    await handle.stop(10)
    assert await ear.hear() == "stopped fresh"


async def test_credentials_for_a_part_that_is_gone_are_dropped(forks: ForkServer, ear: Ear) -> None:
    handle = await forks.start("one", sample_parts.finish, SampleAccess(ear.path))
    await handle.wait()
    handle.renew(SampleAccess(ear.path, "fresh"))


async def test_what_a_part_has_started_goes_with_it(forks: ForkServer, ear: Ear) -> None:
    handle = await forks.start("one", sample_parts.keep_company, SampleAccess(ear.path))
    await handle.ready()
    other = os.pidfd_open(int(await ear.hear()))
    try:
        os.kill(handle.pid, signal.SIGKILL)
        with pytest.raises(ChildFailed):
            await handle.wait()
        assert await asyncio.to_thread(select.select, [other], [], [], 10) == ([other], [], [])
    finally:
        os.close(other)


async def test_a_part_writes_to_its_log_and_leaves_the_terminal_alone(
    forks: ForkServer, ear: Ear, tmp_path: Path
) -> None:
    handle = await forks.start("chatter", sample_parts.chatter, SampleAccess(ear.path))
    assert await ear.hear() == "True True lictor chatter ''"
    await handle.stop(10)
    log = tmp_path / "logs" / "chatter.log"
    assert log.read_text(encoding="utf-8") == "this goes to the log\n"
    assert log.stat().st_mode & 0o777 == 0o600


async def test_a_part_that_cannot_be_sent_to_a_process_has_failed(forks: ForkServer, ear: Ear) -> None:
    async def hidden(_: object) -> None: ...

    with pytest.raises(ChildFailed, match="one cannot be started"):
        await forks.start("one", hidden, SampleAccess(ear.path))


async def test_what_a_part_says_cannot_harm_its_supervisor(forks: ForkServer, ear: Ear, tmp_path: Path) -> None:
    bait = tmp_path / "owned"
    handle = await forks.start("one", sample_parts.break_out, SampleAccess(ear.path, str(bait)))
    with pytest.raises(ChildFailed, match=r"^\[31mowned$"):
        await handle.wait()
    assert not bait.exists()


async def test_a_start_that_is_cancelled_leaves_no_process(forks: ForkServer, ear: Ear) -> None:
    starting = asyncio.create_task(forks.start("one", sample_parts.dawdle, SampleAccess(ear.path)))
    asyncio.get_running_loop().call_soon(starting.cancel)
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert "one" not in {process.name for process in multiprocessing.active_children()}


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
