"""A worker on the bus: several agents at once, whole and streamed, and every failure an answer."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from mediated_team import OPERATOR, Team, agent, mediation, team_data
from model_requests import body, held, release, script_plan

from lictor.protocols.a2a.writing import send_message
from lictor.protocols.errors import DeadlineExceeded, TargetLost
from lictor.protocols.identifiers import new_id
from lictor.protocols.mesh import Delivery, Thread
from lictor.protocols.subjects import Kind
from lictor.runtime.definition.plan import ModelPlan
from lictor.runtime.inference.backend import Completion, Delta
from lictor.runtime.inference.backends.openai_compatible import OpenAICompatibleBackend
from lictor.runtime.inference.errors import BadRequest, ModelUnreadable
from lictor.runtime.inference.request import ChatRequest
from lictor.runtime.inference.worker import ModelWorker, choose_backend

MODEL = "model-scripted"
RULES = r"""
rules:
  - {regex: "echo (.*)", answer: "\\1"}
  - {prefix: "call", call: {name: search, arguments: {q: x}}}
  - {prefix: "fail", fail: "out of memory"}
  - {prefix: "slow", hold: gate, answer: "at last"}
"""


class Desk:
    """A team with two agents, each in the middle of a task, and one model worker."""

    def __init__(self) -> None:
        plans = [agent("asker"), agent("other")]
        self.team = Team(mediation(plans, team_data(plans)))
        self._threads: dict[str, Thread] = {}
        self._open: list[asyncio.Task[Any]] = []

    async def begin(self, name: str) -> None:
        """Give an agent a task that it does not end."""
        begun: asyncio.Future[Thread] = asyncio.get_running_loop().create_future()

        async def take(delivery: Delivery) -> None:
            begun.set_result(delivery.thread)

        await self.team.serve(name, take)
        mesh = await self.team.mesh(OPERATOR)
        sent = mesh.request(Kind.A2A, name, send_message("begin"), timeout=60, thread=Thread(task=new_id()))
        self._open.append(asyncio.create_task(sent))
        self._threads[name] = await begun

    async def ask(self, sent: bytes, *, sender: str = "asker", patience: float = 10.0) -> dict[str, Any]:
        """Return the answer to a whole request."""
        mesh = await self.team.mesh(sender)
        answer = await mesh.request(Kind.MODEL, MODEL, sent, timeout=patience, thread=self._threads[sender])
        read: dict[str, Any] = json.loads(answer.body)
        return read

    async def follow(self, sent: bytes, *, patience: float = 10.0) -> list[tuple[dict[str, Any], bool]]:
        """Return the parts of a streamed answer."""
        mesh = await self.team.mesh("asker")
        parts = mesh.stream(Kind.MODEL, MODEL, sent, timeout=patience, thread=self._threads["asker"])
        return [(json.loads(part.body), part.end) async for part in parts]

    async def close(self) -> None:
        """Stop everyone."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self.team.close()


@asynccontextmanager
async def serving(folder: Path, **options: Any) -> AsyncIterator[tuple[Desk, ModelWorker]]:
    """Run a scripted worker and two agents who may ask it."""
    desk = Desk()
    worker = ModelWorker(script_plan(folder, RULES), desk.team.bus.mesh(MODEL), **options)
    await worker.open()
    try:
        await desk.begin("asker")
        await desk.begin("other")
        yield desk, worker
    finally:
        await worker.close()
        await desk.close()


async def test_a_whole_answer(tmp_path: Path) -> None:
    async with serving(tmp_path) as (desk, worker):
        answer = await desk.ask(body("echo hello there"))
    assert (answer["object"], answer["model"]) == ("chat.completion", "scripted/desk")
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "hello there"}
    assert answer["usage"]["total_tokens"] == 5
    assert worker.model == "scripted/desk"


async def test_a_stream_ends_with_its_last_part(tmp_path: Path) -> None:
    async with serving(tmp_path) as (desk, _):
        parts = await desk.follow(body("echo hello there", stream=True))
    assert [end for _, end in parts] == [False, False, True]
    deltas = [part["choices"][0]["delta"] for part, _ in parts]
    assert deltas == [{"role": "assistant", "content": "hello "}, {"content": "there"}, {}]
    assert (parts[-1][0]["choices"][0]["finish_reason"], parts[-1][0]["usage"]["completion_tokens"]) == ("stop", 2)
    assert len({part["id"] for part, _ in parts}) == 1


async def test_a_call_travels_whole_and_streamed(tmp_path: Path) -> None:
    async with serving(tmp_path) as (desk, _):
        whole = await desk.ask(body("call"))
        ((part, end),) = await desk.follow(body("call", stream=True))
    assert end
    assert whole["choices"][0]["message"]["tool_calls"][0]["function"] == {"name": "search", "arguments": '{"q": "x"}'}
    assert part["choices"][0]["delta"]["tool_calls"][0]["index"] == 0


async def test_many_at_once_and_none_mixed_up(tmp_path: Path) -> None:
    async with serving(tmp_path) as (desk, _):
        asked = [(f"{name} {n}", name) for n in range(10) for name in ("asker", "other")]
        answers = await asyncio.gather(*(desk.ask(body(f"echo {text}"), sender=name) for text, name in asked))
    assert [answer["choices"][0]["message"]["content"] for answer in answers] == [text for text, _ in asked]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (body(temperature="hot"), "bad_request"),
        (body(model="gpt-9"), "model_not_found"),
        (body("fail"), "backend_failed"),
        (body("fail", stream=True), "backend_failed"),
        (body("unheard of"), "no_rule"),
    ],
)
async def test_failures_are_answers_and_the_worker_goes_on(tmp_path: Path, sent: bytes, code: str) -> None:
    async with serving(tmp_path) as (desk, _):
        error = (await desk.ask(sent))["error"]
        assert error["code"] == code
        assert error["message"]
        assert error["type"]
        assert (await desk.ask(body("echo on", model="scripted/desk.yaml")))["choices"][0]["message"]["content"] == "on"


async def test_a_full_worker_is_busy_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path, most=1) as (desk, _):
        first = asyncio.create_task(desk.ask(body("slow")))
        await held(tmp_path, "gate")
        error = (await desk.ask(body("echo x"), sender="other"))["error"]
        assert (error["code"], error["type"]) == ("busy", "overloaded_error")
        release(tmp_path, "gate")
        assert (await first)["choices"][0]["message"]["content"] == "at last"
        assert "choices" in await desk.ask(body("echo x"), sender="other")


class EndlessBackend:
    """Generates until it is stopped, and tells when."""

    model = "endless"

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.stopped = asyncio.Event()
        self.ended = asyncio.Event()

    async def open(self) -> None: ...

    async def close(self) -> None:
        self.ended.set()

    async def wait(self) -> None:
        await self.ended.wait()

    async def complete(self, request: ChatRequest) -> Completion:
        async for _ in self.stream(request):
            pass
        raise AssertionError

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        try:
            while True:
                self.begun.set()
                yield Delta("x")
                await asyncio.sleep(0)
        finally:
            self.stopped.set()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_deadline_stops_the_work(tmp_path: Path, *, stream: bool) -> None:
    backend = EndlessBackend()
    async with serving(tmp_path, backend=backend) as (desk, _):
        ask = desk.follow if stream else desk.ask
        # the caller's own clock and the worker's answer are both in time: either may be first
        with suppress(DeadlineExceeded):
            assert "deadline_exceeded" in json.dumps(await ask(body(stream=stream), patience=0.2))
        async with asyncio.timeout(5):
            await backend.stopped.wait()


async def test_what_comes_too_late_is_not_begun(tmp_path: Path) -> None:
    backend = EndlessBackend()
    async with serving(tmp_path, backend=backend, clock=lambda: 1e12) as (desk, _):
        assert (await desk.ask(body()))["error"]["code"] == "deadline_exceeded"
    assert not backend.begun.is_set()


async def test_closing_stops_the_work_and_ends_the_wait(tmp_path: Path) -> None:
    backend = EndlessBackend()
    async with serving(tmp_path, backend=backend) as (desk, worker):
        waiting = asyncio.create_task(worker.wait())
        asking = asyncio.create_task(desk.ask(body()))
        await backend.begun.wait()
        await worker.close()
        await worker.close()
        await backend.stopped.wait()
        await waiting
        desk.team.bus.publish(desk.team.core.lose(MODEL))
        with pytest.raises(TargetLost):
            await asking


async def test_a_second_open_does_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as (desk, worker):
        await worker.open()
        assert "choices" in await desk.ask(body("echo x"))


async def test_a_model_that_cannot_be_read_keeps_the_worker_from_opening(tmp_path: Path) -> None:
    plans = [agent("asker")]
    team = Team(mediation(plans, team_data(plans)))
    worker = ModelWorker(script_plan(tmp_path, "rules: 3"), team.bus.mesh(MODEL))
    with pytest.raises(ModelUnreadable):
        await worker.open()
    await worker.close()


def test_a_backend_is_never_chosen_silently() -> None:
    assert isinstance(choose_backend(ModelPlan("model-a", "a", "openai", base_url="http://x")), OpenAICompatibleBackend)
    with pytest.raises(BadRequest, match="'magic'"):
        choose_backend(ModelPlan("model-a", "a", "magic"))
    with pytest.raises(BadRequest, match="'scripted'"):
        choose_backend(ModelPlan("model-a", "a", "scripted"))
