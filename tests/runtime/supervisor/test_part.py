import asyncio
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sample_parts

from lictor.runtime.supervisor.part import Life

ORPHANS = """
import asyncio, os, signal, sys
from pathlib import Path
import sample_parts
from lictor.runtime.supervisor.process import ForkServer

async def main():
    forks = ForkServer(["sample_parts"], Path(sys.argv[2]))
    handle = await forks.start("orphan", sample_parts.introduce, sample_parts.SampleAccess(sys.argv[1]))
    await handle.ready()
    sys.stdin.read()  # until it is killed

asyncio.run(main())
"""


async def test_a_life_hands_out_the_newest_access() -> None:
    life: Life[str] = Life("old", lambda: None)
    assert life.access() == "old"
    life.renew("fresh")
    assert life.access() == "fresh"


async def test_a_life_passes_on_that_the_part_is_ready() -> None:
    told: list[str] = []
    life = Life("access", lambda: told.append("ready"))
    assert not life.stopping.is_set()
    life.ready()
    assert told == ["ready"]


def test_a_part_is_picklable() -> None:
    assert pickle.loads(pickle.dumps(sample_parts.serve)) is sample_parts.serve


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal and pidfd are Linux's")
async def test_a_part_does_not_outlive_its_supervisor(tmp_path: Path) -> None:
    with sample_parts.listen() as ear:
        supervisor = subprocess.Popen(  # noqa: ASYNC220 -- it is killed, not awaited
            [sys.executable, "-c", ORPHANS, ear.path, str(tmp_path)],
            stdin=subprocess.PIPE,
            env=dict(os.environ, PYTHONPATH=str(Path(sample_parts.__file__).parent)),
        )
        try:
            part = os.pidfd_open(int(await ear.hear()))
            ended = asyncio.Event()
            asyncio.get_running_loop().add_reader(part, ended.set)
            supervisor.send_signal(signal.SIGKILL)
            async with asyncio.timeout(20):
                await ended.wait()
            asyncio.get_running_loop().remove_reader(part)
            os.close(part)
        finally:
            supervisor.kill()
            supervisor.communicate()
