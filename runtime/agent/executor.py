"""Runs a solver as A2A's SDK wants it: Task first, then working, the artifact, and one final state."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from a2a.helpers import new_task_from_user_message
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.tasks import TaskUpdater
from a2a.types import Part
from a2a.utils.errors import InvalidParamsError
from google.protobuf.json_format import MessageToDict

from lictor.protocols.a2a.reading import read_result
from lictor.protocols.a2a.service import DEADLINE, STREAMS, THREAD
from lictor.protocols.a2a.writing import attachment
from lictor.protocols.errors import DeadlineExceeded
from lictor.protocols.held import HeldNotice
from lictor.protocols.mesh import Mesh, Thread
from lictor.protocols.names import Role, role_of
from lictor.protocols.patience import Patience
from lictor.runtime.agent.assignment import Assignment, give_up_at
from lictor.runtime.agent.calls import Calls, Reply, data_part
from lictor.runtime.agent.catalogue import ToolCatalogue
from lictor.runtime.agent.chat_model import MeshChatModel
from lictor.runtime.agent.failures import sentence
from lictor.runtime.agent.solver import Desk, Solver
from lictor.runtime.definition.plan import AgentPlan

ARTIFACT: Final = "answer"
"""Id and name of the one artifact of a task."""

_MOST_TOKENS: Final = 160

_log = logging.getLogger(__name__)


class TaskExecutor(AgentExecutor):
    """Runs one solver for every task of an agent; tasks run at once and share nothing but the tool catalogue."""

    def __init__(self, plan: AgentPlan, solver: Solver, mesh: Mesh) -> None:
        self._plan = plan
        self._solver = solver
        self._mesh = mesh
        self._catalogue = ToolCatalogue(mesh, [use.tool for use in plan.tools])
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._working: dict[str, list[tuple[Patience, asyncio.Timeout]]] = {}
        mesh.on_held(self._take_held)
        self._parting = f"{plan.name} was stopped before it was done"

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Run one task to its end; every failure becomes the task's state and one safe sentence."""
        task = context.current_task
        if task is None:
            if context.message is None:
                raise InvalidParamsError(message="the request has no message")
            try:
                task = new_task_from_user_message(context.message)
            except ValueError as error:
                raise InvalidParamsError(message="the message must be a user's and hold at least one part") from error
            await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        running = asyncio.current_task()
        if running is not None:
            self._running.add(running)
        try:
            if self._stopping:
                await self._fail(updater, self._parting)
                return
            await updater.start_work()
            await self._work(self._assignment(context), updater)
        except asyncio.CancelledError:
            if not self._stopping or running is None:
                raise
            running.uncancel()
            await self._fail(updater, self._parting)
        except Exception as error:
            said = sentence(error)
            if not said:
                _log.exception("a task of %s failed", self._plan.name)
            await self._fail(updater, said or f"{self._plan.name} failed on this task; its log says why")
        finally:
            if running is not None:
                self._running.discard(running)

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Note that the task is canceled; the SDK cancels what runs."""
        await TaskUpdater(event_queue, context.task_id or "", context.context_id or "").cancel()

    async def stop(self) -> None:
        """End every running task as failed, and wait until it is told."""
        self._stopping = True
        running = tuple(self._running)
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _work(self, assignment: Assignment, updater: TaskUpdater) -> None:
        written = False

        async def emit(piece: str) -> None:
            nonlocal written
            await updater.add_artifact([Part(text=piece)], ARTIFACT, ARTIFACT, append=written, last_chunk=False)
            written = True

        try:
            async with self._timed(assignment):
                reply = await self._solver.solve(self._desk(assignment), emit)
        except TimeoutError as error:
            raise DeadlineExceeded("the task's time is over") from error
        await updater.add_artifact(_parts(reply), ARTIFACT, ARTIFACT, append=False, last_chunk=True)
        await updater.complete()

    @asynccontextmanager
    async def _timed(self, assignment: Assignment) -> AsyncIterator[None]:
        """End what runs inside when the task's time is over; raises TimeoutError."""
        patience = assignment.patience or Patience(assignment.until)
        timer = asyncio.timeout(patience.left(time.time()))
        clock = (patience, timer)
        clocks = self._working.setdefault(assignment.thread.parent, [])
        async with timer:
            clocks.append(clock)
            try:
                yield
            finally:
                clocks.remove(clock)
                if not clocks:
                    self._working.pop(assignment.thread.parent, None)

    def _take_held(self, thread: Thread, notice: HeldNotice) -> None:
        """Let a task's time stand still while a call of it waits for a person, and go on once that is over."""
        now = time.time()
        for patience, timer in self._working.get(thread.parent, ()):
            patience.heed(notice, now)
            if not timer.expired():
                timer.reschedule(asyncio.get_running_loop().time() + patience.end - now)

    async def _fail(self, updater: TaskUpdater, said: str) -> None:
        await updater.failed(updater.new_agent_message([Part(text=said)]))

    def _assignment(self, context: RequestContext) -> Assignment:
        told = read_result({"message": MessageToDict(context.message)}) if context.message is not None else None
        state = context.call_context.state
        thread = state.get(THREAD)
        delegated = role_of(context.call_context.user.user_name) is Role.AGENT
        limits = (self._plan.budget.time, *((self._plan.timeout,) if delegated else ()))
        until = give_up_at(time.time(), float(state.get(DEADLINE) or 0.0), *limits)
        return Assignment(
            question=told.text if told is not None else "",
            citations=told.citations if told is not None else (),
            thread=thread if isinstance(thread, Thread) else Thread(),
            until=until,
            delegated=delegated,
            streams=bool(state.get(STREAMS)),
            patience=Patience(until),
        )

    def _desk(self, assignment: Assignment) -> Desk:
        model = MeshChatModel(
            mesh=self._mesh,
            models=self._plan.models,
            thread=assignment.thread,
            deadline=assignment.until,
            patience=assignment.patience,
            max_tokens=_MOST_TOKENS,
        )
        patience = {use.tool: use.timeout for use in self._plan.tools}
        return Desk(assignment, Calls(self._mesh, self._catalogue, assignment, patience, self._plan.retries), model)


def _parts(reply: Reply) -> list[Part]:
    data = data_part(attachment(reply.citations, reply.model))
    return [Part(text=reply.text), data] if reply.text else [data]
