"""A model worker's process."""

from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.mesh import NatsMesh
from lictor.runtime.cli.parts.lasting import last
from lictor.runtime.definition.plan import ModelPlan
from lictor.runtime.inference.worker import ModelWorker
from lictor.runtime.supervisor.part import Life


async def run(life: Life[BusAccess], plan: ModelPlan) -> None:
    """Serve one model."""
    mesh = NatsMesh(life.access)
    await mesh.open()
    await last(ModelWorker(plan, mesh), life)
    await mesh.close()
