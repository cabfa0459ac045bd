import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from a2a.helpers import new_task_from_user_message
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import Part

from lictor.protocols.a2a.card import build_card
from lictor.protocols.a2a.reading import read_answer
from lictor.protocols.a2a.service import DEADLINE, STREAMS, THREAD, TaskService
from lictor.protocols.a2a.writing import get_task, send_message
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.mesh import Thread
from lictor.protocols.subjects import Kind


class Echo(AgentExecutor):
    """Answers with what it was asked and by whom; raises when asked to."""

    def __init__(self) -> None:
        self.states: list[dict[str, Any]] = []

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        assert context.message is not None
        self.states.append(dict(context.call_context.state))
        if context.get_user_input() == "raise":
            raise RuntimeError("the word is xyzzy")
        task = new_task_from_user_message(context.message)
        await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        await updater.start_work()
        text = f"{context.get_user_input()} for {context.call_context.user.user_name}"
        await updater.add_artifact([Part(text=text)], name="answer", last_chunk=True)
        await updater.complete()

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        raise NotImplementedError


class Delivered:
    """A delivery that keeps its answers; `limit` is the largest body that it takes."""

    id = "0" * 32
    kind = Kind.A2A
    thread = Thread(task="t1", parent="0" * 32, hops=2)
    deadline = 12.5
    labels = ""

    def __init__(self, body: bytes, sender: str = "op-cli", limit: int = 1_000_000) -> None:
        self.body = body
        self.sender = sender
        self.answers: list[tuple[bytes, bool]] = []
        self._limit = limit

    async def answer(self, body: bytes, *, end: bool = True, content_type: str = "application/json") -> None:
        if len(body) > self._limit:
            raise MalformedEnvelope(f"the body has {len(body)} bytes; the limit is {self._limit}")
        assert not (self.answers and self.answers[-1][1]), "answered after the last answer"
        self.answers.append((body, end))


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def service(echo: Echo) -> AsyncIterator[TaskService]:
    handler = DefaultRequestHandler(echo, InMemoryTaskStore(), build_card("echo", "echoes"))
    yield TaskService(handler)
    await handler.aclose()


async def handled(service: TaskService, body: bytes, sender: str = "op-cli", limit: int = 1_000_000) -> Delivered:
    delivery = Delivered(body, sender, limit)
    await service.handle(delivery)
    return delivery


async def test_a_message_becomes_a_task_of_its_sender(service: TaskService, echo: Echo) -> None:
    delivery = await handled(service, send_message("hi"))

    ((answer, end),) = delivery.answers
    outcome = read_answer(answer)
    assert end
    assert (outcome.state, outcome.text) == ("completed", "hi for op-cli")
    assert json.loads(answer)["id"] == json.loads(delivery.body)["id"]
    assert echo.states[0][THREAD] == Delivered.thread
    assert (echo.states[0][DEADLINE], echo.states[0][STREAMS]) == (12.5, False)


async def test_a_stream_ends_with_the_last_event(service: TaskService, echo: Echo) -> None:
    delivery = await handled(service, send_message("hi", streaming=True))

    assert [end for _, end in delivery.answers] == [False] * (len(delivery.answers) - 1) + [True]
    assert [read_answer(answer).state for answer, _ in delivery.answers] == ["submitted", "working", "", "completed"]
    assert echo.states[0][STREAMS] is True


async def test_a_task_is_its_callers_alone(service: TaskService) -> None:
    answer, _ = (await handled(service, send_message("hi"))).answers[0]
    task = read_answer(answer).task

    own, _ = (await handled(service, get_task(task))).answers[0]
    other, _ = (await handled(service, get_task(task), sender="op-other")).answers[0]

    assert read_answer(own).text == "hi for op-cli"
    assert read_answer(other).code == -32001


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"garbage", -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"Nonsense"}', -32601),
        (b'{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"message":7}}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":[]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":"none"}}', -32001),
        (b'{"jsonrpc":"2.0","id":1,"method":"SubscribeToTask","params":{"id":"none"}}', -32001),
    ],
)
async def test_bad_requests_get_the_code_of_the_standard(service: TaskService, body: bytes, code: int) -> None:
    delivery = await handled(service, body)

    assert [(read_answer(answer).code, end) for answer, end in delivery.answers] == [(code, True)]


@pytest.mark.parametrize("streaming", [False, True])
async def test_the_text_of_an_exception_never_leaves(service: TaskService, streaming: bool) -> None:
    delivery = await handled(service, send_message("raise", streaming=streaming))

    answer, end = delivery.answers[-1]
    assert end
    assert b"xyzzy" not in b"".join(each for each, _ in delivery.answers)
    assert read_answer(answer).error == "the agent failed on this request"


async def test_an_answer_that_is_too_large_is_an_error(service: TaskService) -> None:
    delivery = await handled(service, send_message("x" * 5000), limit=2000)

    ((answer, _),) = delivery.answers
    assert read_answer(answer).code == -32603
    assert "5" in read_answer(answer).error
