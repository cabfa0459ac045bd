"""The tasks an agent remembers, in memory and bounded."""

from collections import OrderedDict
from typing import Final

from a2a.server.context import ServerCallContext
from a2a.server.tasks import InMemoryTaskStore, TaskStore
from a2a.types import ListTasksRequest, ListTasksResponse, Task, TaskState

ENDED: Final = frozenset(
    {
        TaskState.TASK_STATE_COMPLETED,
        TaskState.TASK_STATE_FAILED,
        TaskState.TASK_STATE_CANCELED,
        TaskState.TASK_STATE_REJECTED,
    }
)


class RecentTasks(TaskStore):
    """Keeps the running tasks and the `most` that ended last, each for its caller alone."""

    def __init__(self, most: int = 256) -> None:
        self._store = InMemoryTaskStore()
        self._ended: OrderedDict[str, ServerCallContext] = OrderedDict()
        self._most = most

    async def save(self, task: Task, context: ServerCallContext) -> None:
        """Keep a task; one that ends may push out the one that ended first."""
        await self._store.save(task, context)
        if task.status.state in ENDED:
            self._ended[task.id] = context
            self._ended.move_to_end(task.id)
        while len(self._ended) > self._most:
            oldest, owner = self._ended.popitem(last=False)
            await self._store.delete(oldest, owner)

    async def get(self, task_id: str, context: ServerCallContext) -> Task | None:
        """Return a task of the caller."""
        return await self._store.get(task_id, context)

    async def list(self, params: ListTasksRequest, context: ServerCallContext) -> ListTasksResponse:
        """Return the caller's tasks."""
        return await self._store.list(params, context)

    async def delete(self, task_id: str, context: ServerCallContext) -> None:
        """Forget a task of the caller."""
        self._ended.pop(task_id, None)
        await self._store.delete(task_id, context)
