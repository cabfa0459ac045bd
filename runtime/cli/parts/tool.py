"""A tool server's process."""

from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.mesh import NatsMesh
from lictor.runtime.cli.parts.lasting import last
from lictor.runtime.definition.plan import ToolPlan
from lictor.runtime.supervisor.part import Life
from lictor.runtime.tools.server import ToolServer


async def run(life: Life[BusAccess], plan: ToolPlan) -> None:
    """Serve one tool server's tools."""
    mesh = NatsMesh(life.access)
    await mesh.open()
    await last(ToolServer(plan, mesh), life)
    await mesh.close()
