"""The OpenAI-compatible backend against a real HTTP server that plays back what such servers send."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from model_requests import chat, tool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from lictor.runtime.definition.plan import ModelPlan, Secret
from lictor.runtime.inference.backend import ToolCall, Usage
from lictor.runtime.inference.backends.openai_compatible import OpenAICompatibleBackend
from lictor.runtime.inference.errors import BackendFailed, BackendUnreachable, BadRequest

pytestmark = pytest.mark.slow

USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
WHOLE = {
    "id": "1",
    "object": "chat.completion",
    "model": "qwen",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello there"}, "finish_reason": "stop"}],
    "usage": {**USAGE, "prompt_tokens_details": {"cached_tokens": 4}},
}


def event(delta: dict[str, Any], finish: str | None = None) -> str:
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return f"data: {json.dumps(chunk)}\n\n"


TEXT_EVENTS = [
    ": a comment\n\n",
    event({"role": "assistant", "content": ""}),
    event({"content": "hello "}),
    event({"content": "there"}),
    event({}, "stop"),
    f"data: {json.dumps({'choices': [], 'usage': USAGE})}\n\n",
    "data: [DONE]\n\n",
]
CALL_EVENTS = [
    event({"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "search", "arguments": ""}}]}),
    event({"tool_calls": [{"index": 0, "function": {"arguments": '{"q": '}}]}),
    event({"tool_calls": [{"index": 0, "function": {"arguments": '"x"}'}}]}),
    event({}, "tool_calls"),
    "data: [DONE]\n\n",
]


@dataclass
class Server:
    """A server that answers with what it was given, one after the other, the last again and again."""

    url: str
    answers: list[Callable[[], Response]]
    requests: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: Request) -> Response:
        self.requests.append((dict(request.headers), await request.json()))
        return self.answers.pop(0)() if len(self.answers) > 1 else self.answers[0]()

    def events(self, *lines: str, hang: bool = False) -> Callable[[], Response]:
        async def send() -> AsyncIterator[str]:
            try:
                for line in lines:
                    yield line
                if hang:
                    await asyncio.Event().wait()
            finally:
                self.gone.set()

        return lambda: StreamingResponse(send(), media_type="text/event-stream")


class SignallingServer(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@asynccontextmanager
async def serving(*answers: Callable[[], Response]) -> AsyncIterator[Server]:
    server = Server("", list(answers))
    app = Starlette(routes=[Route("/v1/chat/completions", server.answer, methods=["POST"])])
    uv = SignallingServer(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    task = asyncio.create_task(uv.serve())
    async with asyncio.timeout(10):
        await uv.listens.wait()
    server.url = f"http://127.0.0.1:{uv.servers[0].sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        uv.should_exit = True
        await task


@asynccontextmanager
async def asking(server: Server | str, **plan: Any) -> AsyncIterator[OpenAICompatibleBackend]:
    url = server if isinstance(server, str) else server.url
    backend = OpenAICompatibleBackend(
        ModelPlan("model-big", "big", "openai", base_url=url, **{"remote_model": "qwen", **plan}), first_pause=0.001
    )
    await backend.open()
    try:
        yield backend
    finally:
        await backend.close()


def ok(document: Any = WHOLE, status: int = 200, **headers: str) -> Callable[[], Response]:
    return lambda: JSONResponse(document, status, headers=headers)


async def test_a_whole_answer_and_what_was_sent() -> None:
    async with serving(ok()) as server, asking(server, api_key=Secret("k-123")) as backend:
        answer = await backend.complete(chat("hi", temperature=0, model="big", stream=False))
    assert (answer.text, answer.finish, answer.usage) == ("hello there", "stop", Usage(9, 2, 4))
    headers, sent = server.requests[0]
    assert headers["authorization"] == "Bearer k-123"
    assert sent == {"messages": [{"role": "user", "content": "hi"}], "temperature": 0, "model": "qwen"}


async def test_a_stream() -> None:
    async with serving() as server, asking(server) as backend:
        server.answers = [server.events(*TEXT_EVENTS)]
        parts = [part async for part in backend.stream(chat("hi", stream=True))]
    assert [part.text for part in parts] == ["hello ", "there", ""]
    assert (parts[-1].finish, parts[-1].usage) == ("stop", Usage(9, 2))
    assert server.requests[0][1]["stream_options"] == {"include_usage": True}
    assert "authorization" not in server.requests[0][0]


async def test_calls_whole_and_in_parts() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "search", "arguments": '{"q": "x"}'}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    document = {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
    request = chat(tools=[tool("search", {"type": "object"})])
    async with serving() as server, asking(server) as backend:
        server.answers = [ok(document), server.events(*CALL_EVENTS)]
        assert (await backend.complete(request)).calls == (ToolCall("c1", "search", '{"q": "x"}'),)
        parts = [part async for part in backend.stream(request)]
    assert "".join(call.arguments for part in parts for call in part.calls) == '{"q": "x"}'
    assert parts[-1].finish == "tool_calls"


async def test_an_overloaded_server_is_asked_again() -> None:
    async with serving(ok({}, 503), ok({}, 429, **{"Retry-After": "0"}), ok()) as server, asking(server) as backend:
        assert (await backend.complete(chat())).text == "hello there"
    assert len(server.requests) == 3


async def test_a_server_that_stays_overloaded_is_unreachable() -> None:
    async with serving(ok({}, 503)) as server, asking(server) as backend:
        with pytest.raises(BackendUnreachable, match="after 4 tries: it answers 503"):
            await backend.complete(chat())


async def test_nobody_listens() -> None:
    async with serving(ok()) as server:
        url = server.url
    async with asking(url) as backend:
        with pytest.raises(BackendUnreachable, match="cannot be reached"):
            await backend.complete(chat())


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (ok({"error": {"message": "no such parameter"}}, 400), BadRequest, "400: no such parameter"),
        (ok({"error": {"message": "wrong key"}}, 401), BackendFailed, "401: wrong key"),
        (ok({"error": "no model"}, 404), BackendFailed, "404: no model"),
        (ok([1]), BackendFailed, "something else"),
        (ok({"choices": []}), BackendFailed, "something else"),
        (ok({"error": {"message": "cuda"}}), BackendFailed, "cuda"),
        (lambda: Response(b"<html>", 418), BackendFailed, "418: <html>"),
        (lambda: Response(b"not json"), BackendFailed, "something else than JSON"),
    ],
)
async def test_what_a_server_refuses_or_garbles_is_said(
    answer: Callable[[], Response], error: type[Exception], said: str
) -> None:
    async with serving(answer) as server, asking(server, api_key=Secret("k-123")) as backend:
        with pytest.raises(error, match=said) as caught:
            await backend.complete(chat())
    assert "k-123" not in str(caught.value)


async def test_a_stream_that_breaks_off_is_an_error() -> None:
    async with serving() as server, asking(server) as backend:
        server.answers = [server.events(*TEXT_EVENTS[:4])]
        with pytest.raises(BackendFailed, match="broke its answer off"):
            _ = [part async for part in backend.stream(chat())]


async def test_leaving_a_stream_hangs_up() -> None:
    async with serving() as server, asking(server) as backend:
        server.answers = [server.events(*TEXT_EVENTS[:4], hang=True)]
        stream = backend.stream(chat())
        assert (await anext(stream)).text == "hello "
        await stream.aclose()
        async with asyncio.timeout(5):
            await server.gone.wait()


async def test_a_closed_backend_says_so() -> None:
    async with serving(ok()) as server:
        async with asking(server) as backend:
            pass
        await backend.wait()
        with pytest.raises(BackendFailed, match="closed"):
            await backend.complete(chat())
