from a2a.server.context import ServerCallContext
from a2a.types import ListTasksRequest, Task, TaskState, TaskStatus

from lictor.protocols.a2a.service import Caller
from lictor.runtime.agent.recent_tasks import RecentTasks


def caller(name: str) -> ServerCallContext:
    return ServerCallContext(user=Caller(name))


def task(name: str, state: TaskState = TaskState.TASK_STATE_COMPLETED) -> Task:
    return Task(id=name, context_id="c", status=TaskStatus(state=state))


async def test_only_the_tasks_that_ended_last_are_kept_and_every_running_one() -> None:
    tasks = RecentTasks(most=2)
    ann, bob = caller("ann"), caller("bob")
    await tasks.save(task("running", TaskState.TASK_STATE_WORKING), ann)
    await tasks.save(task("one"), ann)
    await tasks.save(task("two"), bob)
    await tasks.save(task("three"), ann)

    assert await tasks.get("one", ann) is None
    assert {each.id for each in (await tasks.list(ListTasksRequest(), ann)).tasks} == {"running", "three"}
    assert (await tasks.get("two", bob)) is not None
    assert await tasks.get("two", ann) is None


async def test_a_deleted_task_is_gone() -> None:
    tasks = RecentTasks()
    await tasks.save(task("one"), caller("ann"))
    await tasks.delete("one", caller("ann"))

    assert await tasks.get("one", caller("ann")) is None
