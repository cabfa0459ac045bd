"""The operator's connection to the team that runs here."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.mesh import Mesh
from lictor.protocols.nats.access import read_access
from lictor.protocols.nats.mesh import NatsMesh
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.state import StateFolder, TeamState, running


def any_team() -> StateFolder:
    """Return the folder of the one team that runs here, started by `lictor up` or by `lictor run`.

    Where there are several it is that of `lictor up`, or the one that `LICTOR_RUN` names; raises Quit when that says
    nothing.
    """
    found = running(Path.cwd())
    wanted = os.environ.get("LICTOR_RUN") or ("run" if len(found) > 1 else "")
    chosen = [folder for folder in found if folder.folder.name == wanted] if wanted else found
    if found and not chosen:
        names = ", ".join(folder.folder.name for folder in found)
        raise Quit(Exit.USAGE, "more than one team runs in this folder", hint=f"set LICTOR_RUN to one of {names}")
    return chosen[0] if chosen else StateFolder(Path.cwd())


@asynccontextmanager
async def operate(folder: StateFolder | None = None) -> AsyncIterator[tuple[Mesh, TeamState]]:
    """Connect as the operator of the team of `lictor up`, or of another one's folder.

    Raises Quit when no team runs here or its bus cannot be reached.
    """
    folder = folder or StateFolder(Path.cwd())
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
