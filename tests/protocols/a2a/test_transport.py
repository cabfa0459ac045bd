import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from a2a.helpers import new_text_message
from a2a.types import CancelTaskRequest, GetTaskRequest, ListTasksRequest, Role, SendMessageRequest, TaskState
from a2a.utils.errors import A2AError, TaskNotFoundError, UnsupportedOperationError

from lictor.protocols.a2a.transport import MeshTransport, calling, connect
from lictor.protocols.errors import MalformedEnvelope, Refusal, Refused
from lictor.protocols.mesh import Answer, Mesh, Thread
from lictor.protocols.subjects import Kind

_NO_THREAD = Thread()

Reply = Callable[[dict[str, Any]], list[dict[str, Any]]]


@dataclass
class Sent:
    """One request as the mesh was given it."""

    kind: Kind
    target: str
    document: dict[str, Any]
    timeout: float
    thread: Thread


class FarSide:
    """The two calls of a mesh that the transport makes, answered by a function."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.sent: list[Sent] = []

    async def request(
        self,
        kind: Kind,
        target: str,
        body: bytes,
        *,
        timeout: float,
        thread: Thread = _NO_THREAD,
        identifier: str = "",
    ) -> Answer:
        return [part async for part in self.stream(kind, target, body, timeout=timeout, thread=thread)][-1]

    async def stream(
        self,
        kind: Kind,
        target: str,
        body: bytes,
        *,
        timeout: float,
        thread: Thread = _NO_THREAD,
        identifier: str = "",
    ) -> AsyncIterator[Answer]:
        document = json.loads(body)
        self.sent.append(Sent(kind, target, document, timeout, thread))
        parts = self._reply(document)
        for number, part in enumerate(parts, start=1):
            raw = json.dumps({"jsonrpc": "2.0", "id": document["id"], **part}).encode()
            yield Answer("0" * 32, raw, end=number == len(parts))


def far_side(reply: Reply) -> tuple[FarSide, Mesh]:
    side = FarSide(reply)
    return side, side  # type: ignore[return-value]  # the transport uses request and stream alone


def task(state: str = "TASK_STATE_COMPLETED") -> dict[str, Any]:
    return {"id": "t", "contextId": "c", "status": {"state": state}}


def message() -> SendMessageRequest:
    return SendMessageRequest(message=new_text_message("hi", role=Role.ROLE_USER))


async def test_a_message_is_sent_with_thread_and_timeout() -> None:
    side, mesh = far_side(lambda _: [{"result": {"task": task()}}])

    context = calling(Thread(task="t1", hops=3), 4.5)
    events = [event async for event in connect(mesh, "writer").send_message(message(), context=context)]

    assert [event.task.id for event in events] == ["t"]
    (sent,) = side.sent
    assert (sent.kind, sent.target, sent.timeout) == (Kind.A2A, "writer", 4.5)
    assert sent.thread == Thread(task="t1", hops=3)
    assert sent.document["method"] == "SendMessage"
    assert sent.document["params"]["message"]["parts"] == [{"text": "hi"}]


async def test_a_streamed_message_yields_every_event() -> None:
    update = {"statusUpdate": {"taskId": "t", "contextId": "c", "status": {"state": "TASK_STATE_COMPLETED"}}}
    _, mesh = far_side(lambda _: [{"result": {"task": task("TASK_STATE_SUBMITTED")}}, {"result": update}])

    events = [event async for event in connect(mesh, "writer", streaming=True).send_message(message())]

    assert [event.WhichOneof("payload") for event in events] == ["task", "status_update"]


async def test_the_other_calls_reach_their_methods() -> None:
    def reply(document: dict[str, Any]) -> list[dict[str, Any]]:
        listed = {"tasks": [task()], "totalSize": 1}
        return [{"result": listed if document["method"] == "ListTasks" else task()}]

    side, mesh = far_side(reply)
    client = connect(mesh, "writer")

    assert (await client.get_task(GetTaskRequest(id="t"))).status.state == TaskState.TASK_STATE_COMPLETED
    assert (await client.cancel_task(CancelTaskRequest(id="t"))).id == "t"
    assert (await client.list_tasks(ListTasksRequest())).total_size == 1
    assert [sent.document["method"] for sent in side.sent] == ["GetTask", "CancelTask", "ListTasks"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": -32001, "message": "Task not found"}, TaskNotFoundError),
        ({"code": 5, "message": "?"}, A2AError),
        ({}, A2AError),
    ],
)
async def test_an_error_is_raised_as_the_sdks(error: dict[str, Any], kind: type[A2AError]) -> None:
    _, mesh = far_side(lambda _: [{"error": error}])

    with pytest.raises(kind):
        await connect(mesh, "writer").get_task(GetTaskRequest(id="t"))


@pytest.mark.parametrize("part", [{}, {"result": 3}, {"result": {"id": 3}}, {"error": "odd"}, {"error": None}])
async def test_garbage_is_malformed(part: dict[str, Any]) -> None:
    _, mesh = far_side(lambda _: [part])

    with pytest.raises(MalformedEnvelope):
        await connect(mesh, "writer").get_task(GetTaskRequest(id="t"))


async def test_an_answer_without_task_or_message_is_malformed() -> None:
    _, mesh = far_side(lambda _: [{"result": {}}])

    for streaming in (False, True):
        with pytest.raises(MalformedEnvelope):
            [event async for event in connect(mesh, "writer", streaming=streaming).send_message(message())]


async def test_a_refusal_comes_through() -> None:
    def refuse(_: dict[str, Any]) -> list[dict[str, Any]]:
        raise Refused(Refusal("0" * 32, "route", "route.no_edge", "no such edge"))

    _, mesh = far_side(refuse)

    with pytest.raises(Refused, match="no such edge"):
        [event async for event in connect(mesh, "writer").send_message(message())]


async def test_push_notifications_are_not_supported() -> None:
    _, mesh = far_side(lambda _: [])

    with pytest.raises(UnsupportedOperationError):
        await MeshTransport(mesh, "writer").get_task_push_notification_config(object())
