"""The supervisor's I/O: it carries out what `decide` says. One strategy for now: one_for_one."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from lictor.runtime.supervisor.child import ChildFailed, ChildSpec, Handle, Starter
from lictor.runtime.supervisor.decide import (
    Announce,
    Begun,
    Child,
    Dismissed,
    Ended,
    Event,
    GiveUp,
    Gone,
    Readied,
    Start,
    State,
    Stop,
    decide,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """One child, as status shows it."""

    name: str
    kind: str
    state: State
    pid: int
    restarts: int
    reason: str
    since: float
    """Unix time in seconds of the last change of state."""


class _Slot:
    """What runs for one child."""

    def __init__(self, spec: ChildSpec, starter: Starter) -> None:
        self.spec = spec
        self.starter = starter
        self.child = Child()
        self.handle: Handle | None = None
        self.running: asyncio.Task[None] | None = None
        self.since = time.time()
        self.changed = asyncio.Event()
        self.proven = False
        """Whether it was ready at least once."""
        self.unfit = False
        """Whether it ended before it was ever ready."""


class Supervisor:
    """Starts children in order, restarts those that end, stops them in reverse order.

    `announce` is called with the name of every child that is gone; `on_change` after every change of state.
    """

    def __init__(
        self,
        children: Sequence[tuple[ChildSpec, Starter]],
        *,
        announce: Callable[[str], None],
        on_change: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._slots = {spec.name: _Slot(spec, starter) for spec, starter in children}
        self._announce = announce
        self._on_change = on_change
        self._clock = clock
        self.given_up = asyncio.Event()
        """Set when a significant child was given up: the team cannot go on."""

    def report(self) -> tuple[Report, ...]:
        """Return every child's state, in the order in which they were started."""
        return tuple(
            Report(
                name,
                slot.spec.kind,
                slot.child.state,
                slot.handle.pid if slot.handle is not None else 0,
                slot.child.total,
                slot.child.reason,
                slot.since,
            )
            for name, slot in self._slots.items()
        )

    def begin(self, names: Sequence[str] | None = None) -> None:
        """Start children without waiting for them: those of `names`, or all."""
        for name in self._slots if names is None else names:
            self._slots[name].unfit = False
            self._happen(self._slots[name], Begun())

    async def ready(self, names: Sequence[str] | None = None) -> None:
        """Return when the children are ready; raises ChildFailed as soon as one is given up.

        A child that ends before it was ever ready is not waited for, although it is started again: as in OTP, what
        cannot be started is told at once.
        """
        await asyncio.gather(*(self._settled(self._slots[name]) for name in (self._slots if names is None else names)))

    async def stop(self) -> None:
        """Stop all children, the last started first; children of one kind stop together."""
        kinds = list(dict.fromkeys(slot.spec.kind for slot in self._slots.values()))
        for kind in reversed(kinds):
            slots = [slot for slot in self._slots.values() if slot.spec.kind == kind]
            for slot in slots:
                self._happen(slot, Dismissed())
            tasks = [slot.running for slot in slots if slot.running is not None]
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _settled(self, slot: _Slot) -> None:
        while slot.child.state is not State.READY:
            if slot.unfit or slot.child.state in {State.FAILED, State.STOPPED}:
                raise ChildFailed(f"{slot.spec.name}: {slot.child.reason or 'stopped'}")
            slot.changed.clear()
            await slot.changed.wait()

    def _happen(self, slot: _Slot, event: Event) -> None:
        before = slot.child.state
        slot.child, actions = decide(slot.spec, slot.child, event, self._clock(), random.random())  # noqa: S311
        for action in actions:
            match action:
                case Start(after):
                    # A start that waits for its backoff is overtaken; a run that ended starts its own successor.
                    if slot.running is not None and slot.running is not asyncio.current_task():
                        slot.running.cancel()
                    slot.running = asyncio.get_running_loop().create_task(self._run(slot, after))
                case Stop() if slot.running is not None:
                    if slot.child.state is State.STOPPING:
                        slot.running = asyncio.get_running_loop().create_task(self._end(slot, slot.running))
                    else:
                        slot.running.cancel()
                case Announce():
                    self._inform(partial(self._announce, slot.spec.name))
                case GiveUp():
                    _log.error("%s is given up: %s", slot.spec.name, slot.child.reason)
                    if slot.spec.significant:
                        self.given_up.set()
        if slot.child.state is not before:
            slot.since = time.time()
            slot.changed.set()
            self._inform(self._on_change)

    def _inform(self, listener: Callable[[], None]) -> None:
        try:
            listener()
        except Exception:
            _log.exception("a listener of the supervisor failed")  # children must not suffer for it

    async def _run(self, slot: _Slot, after: float) -> None:
        await asyncio.sleep(after)
        if slot.child.state is State.WAITING:
            self._happen_started(slot)
        reason = ""
        try:
            slot.handle = await slot.starter()
            await asyncio.wait_for(slot.handle.ready(), slot.spec.start)
            slot.proven = True
            self._happen(slot, Readied())
            await slot.handle.wait()
        except ChildFailed as error:
            reason = str(error) or "failed"
        except TimeoutError:
            reason = f"{slot.spec.name} was not ready within {slot.spec.start:g} s"
            await self._abandon(slot)
        except Exception as error:
            _log.exception("%s cannot be run", slot.spec.name)
            reason = f"{slot.spec.name} cannot be run: {error!r}"
            await self._abandon(slot)
        if slot.child.state is not State.STOPPING:
            slot.handle = None
            if reason:
                slot.unfit = not slot.proven
                level = logging.INFO if slot.unfit else logging.WARNING  # who starts it is told by `ready`
                _log.log(level, "%s ended: %s", slot.spec.name, reason)
            self._happen(slot, Ended(reason))

    async def _abandon(self, slot: _Slot) -> None:
        if slot.handle is not None:
            await slot.handle.stop(0)

    def _happen_started(self, slot: _Slot) -> None:
        # A start that waited for its backoff is this very task: only the state moves on.
        slot.child, _ = decide(slot.spec, slot.child, Begun(), self._clock())
        slot.since = time.time()
        slot.changed.set()
        self._inform(self._on_change)

    async def _end(self, slot: _Slot, running: asyncio.Task[None]) -> None:
        if slot.handle is None:
            running.cancel()
        else:
            await slot.handle.stop(slot.spec.shutdown)
        await asyncio.gather(running, return_exceptions=True)
        slot.handle = None
        self._happen(slot, Gone())
