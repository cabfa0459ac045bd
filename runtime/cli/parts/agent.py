"""An agent's process."""

from collections.abc import Mapping

from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.mesh import NatsMesh
from lictor.runtime.agent.service import AgentService
from lictor.runtime.definition.plan import AgentPlan
from lictor.runtime.supervisor.part import Life


async def run(life: Life[BusAccess], plan: AgentPlan, delegates: Mapping[str, str]) -> None:
    """Serve the agent; `delegates` maps the agents it may message to their descriptions."""
    mesh = NatsMesh(life.access)
    service = AgentService(plan, delegates, mesh)
    await mesh.open()
    await service.open()
    life.ready()
    await life.stopping.wait()
    await service.close()
    await mesh.close()
