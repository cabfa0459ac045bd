"""The recorder's process."""

from pathlib import Path

from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.runtime.cli.parts.lasting import last
from lictor.runtime.cli.state import audit_folder
from lictor.runtime.recorder.recorder import Recorder
from lictor.runtime.store.store import open_store
from lictor.runtime.supervisor.part import Life


async def run(life: Life[BusAccess], url: str) -> None:
    """Write the record at `url`, signed with the key in the working folder."""
    store = open_store(url, migrate=True, audit=audit_folder(Path.cwd()))
    trunk = NatsTrunk(life.access)
    await trunk.open()
    await last(Recorder(trunk, store), life)
    await trunk.close()
    store.close()
