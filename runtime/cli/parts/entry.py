"""A part named by its module, so that the parent process need not import what the part imports."""

from dataclasses import dataclass
from importlib import import_module

from lictor.protocols.nats.access import BusAccess
from lictor.runtime.supervisor.part import Life


@dataclass(frozen=True, slots=True)
class Entry:
    """A `Part`: calls `run(life, *arguments)` of a module of this folder, in the child."""

    module: str
    arguments: tuple[object, ...] = ()

    async def __call__(self, life: Life[BusAccess]) -> None:
        """Run the part until it is told to stop."""
        run = import_module(f"lictor.runtime.cli.parts.{self.module}").run
        await run(life, *self.arguments)
