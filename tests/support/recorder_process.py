"""A recorder in a process of its own, to be killed: `python recorder_process.py CREDENTIALS BUS_URL STORE_URL`."""

import asyncio
import sys
from pathlib import Path

from lictor.protocols.nats.access import read_access
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.runtime.recorder.recorder import Recorder
from lictor.runtime.store.store import open_store


async def main(credentials: Path, bus: str, url: str) -> None:
    with open_store(url) as store:
        trunk = NatsTrunk(lambda: read_access(credentials, bus))
        await trunk.open()
        recorder = Recorder(trunk, store)
        await recorder.open()
        sys.stdout.write("recording\n")
        sys.stdout.flush()
        await recorder.wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
