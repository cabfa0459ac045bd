import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from langchain_core.tools import tool

from lictor.protocols.errors import DeadlineExceeded, NoEnforcer, Refusal, Refused, TargetLost
from lictor.protocols.mesh import Answer, Thread
from lictor.protocols.subjects import Kind
from lictor.runtime.agent.chat_model import MeshChatModel
from lictor.runtime.agent.failures import ModelFailed

Reply = Callable[[str, dict[str, Any]], list[Any]]


class FarSide:
    """The two calls of a mesh that a chat model makes, answered by a function of target and request."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.sent: list[tuple[str, dict[str, Any], float, Thread]] = []

    async def request(self, kind: Kind, target: str, body: bytes, **terms: Any) -> Answer:
        return [part async for part in self.stream(kind, target, body, **terms)][-1]

    async def stream(self, kind: Kind, target: str, body: bytes, **terms: Any) -> AsyncIterator[Answer]:
        assert kind is Kind.MODEL
        request = json.loads(body)
        self.sent.append((target, request, terms["timeout"], terms["thread"]))
        parts = self._reply(target, request)
        for number, part in enumerate(parts, start=1):
            if isinstance(part, Exception):
                raise part
            raw = part if isinstance(part, bytes) else json.dumps(part).encode()
            yield Answer("0" * 32, raw, end=number == len(parts))


def completion(text: str, **message: Any) -> dict[str, Any]:
    said = {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
    return {"model": "m1", "choices": [said], "usage": usage}


def delta(text: str, finish: str | None = None) -> dict[str, Any]:
    return {"model": "m1", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}


def model(reply: Reply, **fields: Any) -> tuple[MeshChatModel, FarSide]:
    side = FarSide(reply)
    return MeshChatModel(mesh=side, models=("model-a", "model-b"), thread=Thread(task="t"), **fields), side


async def test_a_completion_becomes_a_message_with_its_model_and_usage() -> None:
    chat, side = model(lambda *_: [completion("hello")], max_tokens=9)

    said = await chat.ainvoke([("system", "be kind"), ("user", "hi")])

    assert (said.text, said.response_metadata["model_name"]) == ("hello", "m1")
    assert said.usage_metadata == {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12}
    target, request, timeout, thread = side.sent[0]
    assert (target, timeout, thread) == ("model-a", 120.0, Thread(task="t"))
    assert request == {
        "messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": "hi"}],
        "max_tokens": 9,
        "temperature": 0.0,
    }


async def test_what_constrains_the_answer_is_passed_on() -> None:
    chat, side = model(lambda *_: [completion("{}")])

    await chat.ainvoke("hi", response_format={"type": "json_object"}, stop=["."], seed=3, unknown=1)

    request = side.sent[0][1]
    assert (request["response_format"], request["stop"], request["seed"]) == ({"type": "json_object"}, ["."], 3)
    assert "unknown" not in request


async def test_tools_are_bound_and_calls_are_read() -> None:
    @tool
    def look_up(word: str) -> str:
        """Look a word up."""
        return word

    call = {"id": "1", "type": "function", "function": {"name": "look_up", "arguments": '{"word": "x"}'}}
    chat, side = model(lambda *_: [completion("", tool_calls=[call])])

    said = await chat.bind_tools([look_up], tool_choice="auto").ainvoke("hi")

    assert [(each["name"], each["args"], each["id"]) for each in said.tool_calls] == [("look_up", {"word": "x"}, "1")]
    assert side.sent[0][1]["tools"][0]["function"]["name"] == "look_up"
    assert side.sent[0][1]["tool_choice"] == "auto"


async def test_a_stream_yields_its_pieces() -> None:
    chat, side = model(lambda *_: [delta("one "), delta("two"), delta("", "stop")])

    pieces = [piece async for piece in chat.astream("hi")]

    assert [piece.text for piece in pieces if piece.text] == ["one ", "two"]
    assert side.sent[0][1]["stream"] is True
    assert any(piece.response_metadata.get("model_name") == "m1" for piece in pieces)


@pytest.mark.parametrize(
    "bad",
    [
        TargetLost("gone"),
        b"garbage",
        b"[" * 100_000,
        [],
        {},
        {"choices": []},
        {"choices": [{"message": None}]},
        {"choices": [{"message": {"content": ["odd", 1]}}]},
        completion("", tool_calls=[{"function": {"name": "f", "arguments": "{"}}]),
        completion("", tool_calls=3),
        {**completion("x"), "usage": {"prompt_tokens": "many"}},
        {"error": {"message": "out of memory"}},
    ],
)
async def test_a_failing_model_leads_to_the_next(bad: Any) -> None:
    chat, side = model(lambda target, _: [bad] if target == "model-a" else [completion("second")])

    assert (await chat.ainvoke("hi")).text == "second"
    assert [target for target, *_ in side.sent] == ["model-a", "model-b"]


async def test_a_stream_that_fails_before_its_first_piece_leads_to_the_next_model() -> None:
    chat, _ = model(lambda target, _: [TargetLost("gone")] if target == "model-a" else [delta("second", "stop")])

    assert "".join([piece.text async for piece in chat.astream("hi")]) == "second"


@pytest.mark.parametrize("bad", [TargetLost("gone"), b"garbage", {"choices": 3}, {"choices": [{"delta": 3}]}])
async def test_a_stream_that_breaks_is_a_failure(bad: Any) -> None:
    chat, side = model(lambda *_: [delta("one "), bad])

    with pytest.raises(ModelFailed, match="model-a failed in the middle of its answer"):
        [piece async for piece in chat.astream("hi")]
    assert len(side.sent) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_when_every_model_fails_the_reasons_are_told(stream: bool) -> None:
    chat, _ = model(lambda target, _: [{"error": f"{target}\nis   ill " + "x" * 900}])

    with pytest.raises(ModelFailed) as failed:
        _ = [piece async for piece in chat.astream("hi")] if stream else await chat.ainvoke("hi")

    assert str(failed.value).startswith("no model answered: model-a: model-a is ill x")
    assert "; model-b: model-b is ill" in str(failed.value)
    assert len(str(failed.value)) < 500


async def test_an_agent_without_models_says_so() -> None:
    with pytest.raises(ModelFailed, match="the agent has none"):
        await MeshChatModel(mesh=FarSide(lambda *_: []), models=()).ainvoke("hi")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        Refused(Refusal("0" * 32, "route", "route.no_edge", "no such edge")),
        NoEnforcer("nobody"),
        DeadlineExceeded("late"),
    ],
)
async def test_a_refusal_and_a_lost_bus_are_not_worked_around(error: Exception, stream: bool) -> None:
    chat, side = model(lambda *_: [error])

    with pytest.raises(type(error)):
        _ = [piece async for piece in chat.astream("hi")] if stream else await chat.ainvoke("hi")
    assert len(side.sent) == 1


async def test_the_task_s_deadline_bounds_the_wait() -> None:
    chat, side = model(lambda *_: [completion("x")], deadline=time.time() + 30)
    await chat.ainvoke("hi")
    assert 0 < side.sent[0][2] <= 30

    late, _ = model(lambda *_: [completion("x")], deadline=time.time() - 1)
    with pytest.raises(DeadlineExceeded):
        await late.ainvoke("hi")


def test_it_is_asynchronous_alone() -> None:
    with pytest.raises(NotImplementedError, match="asynchronous"):
        MeshChatModel(mesh=None, models=("model-a",)).invoke("hi")
