"""The operator's connection to the team that runs here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.mesh import Mesh
from lictor.protocols.nats.access import read_access
from lictor.protocols.nats.mesh import NatsMesh
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.state import StateFolder, TeamState


@asynccontextmanager
async def operate() -> AsyncIterator[tuple[Mesh, TeamState]]:
    """Connect as the operator; raises Quit when no team runs here or its bus cannot be reached."""
    folder = StateFolder(Path.cwd())
    state = folder.read()
    if not state.ready:
        raise Quit(Exit.UNREACHABLE, "the team that runs here is still starting", hint="lictor status shows it")
    try:
        access = read_access(folder.credentials, state.url)
        mesh = NatsMesh(lambda: access)
        await mesh.open()
    except PermissionError:
        raise Quit(Exit.NOT_ALLOWED, f"{folder.credentials} may not be read by you") from None
    except MeshUnavailable as error:
        raise Quit(Exit.UNREACHABLE, f"the bus at {state.url} cannot be reached: {error}") from None
    try:
        yield mesh, state
    finally:
        await mesh.close()
