"""The enforcer's process."""

from pathlib import Path

from lictor.guardrails.content.secrets.leaks import find_leaks
from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.runtime.cli.parts.lasting import last
from lictor.runtime.cli.state import seal_file
from lictor.runtime.definition.plan import Plan
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.enforcer.enforcer import Enforcer
from lictor.runtime.store.audit.key import load_secret
from lictor.runtime.supervisor.part import Life


async def run(life: Life[BusAccess], plan: Plan, principals: tuple[str, ...]) -> None:
    """Judge every message of the team."""
    find_leaks(b"x")  # its library is loaded now, and not while the first message waits that needs it
    mediation = build_mediation(plan, seal_key=load_secret(seal_file(Path.cwd())))
    trunk = NatsTrunk(life.access)
    await trunk.open()
    await last(Enforcer(trunk, mediation, principals), life)
    await trunk.close()
