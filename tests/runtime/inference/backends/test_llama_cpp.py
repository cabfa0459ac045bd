"""The built-in model, as agents use it."""

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from model_requests import SMOLLM2, chat, schema_format, tool

from lictor.runtime.inference.backend import gather
from lictor.runtime.inference.backends.llama_cpp import LlamaCppBackend
from lictor.runtime.inference.errors import BackendFailed, BadRequest, ContextOverflow, ModelUnreadable
from lictor.runtime.inference.request import ChatRequest

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

ACTION = {
    "type": "object",
    "properties": {
        "action": {"type": "string", "enum": ["search", "ask", "answer"]},
        "input": {"type": "string", "maxLength": 400},
    },
    "required": ["action", "input"],
    "additionalProperties": False,
}
SCHEMAS: list[dict[str, Any]] = [
    ACTION,
    {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 4},
    {"properties": {"when": {"format": "date"}, "note": {"type": ["string", "null"]}}, "required": ["when", "note"]},
    {
        "anyOf": [
            {"enum": ["yes", "no"]},
            {"type": "object", "properties": {"why": {"type": "string"}}, "required": ["why"]},
        ]
    },
    {"type": "object"},
    {"$ref": "#/$defs/node", "$defs": {"node": {"properties": {"n": {"$ref": "#/$defs/node"}}, "required": []}}},
]
SEARCH = tool(
    "search", {"properties": {"query": {"type": "string"}, "limit": {"type": "integer"}}, "required": ["query"]}
)


async def test_it_answers_and_counts(backend: LlamaCppBackend) -> None:
    assert backend.model == "SmolLM2-135M-Instruct.Q4_1-as-Q8_0.gguf"
    question = "The kettle is red. What colour is the kettle?"
    answer = await backend.complete(chat(question, temperature=0, max_tokens=24))
    assert "red" in answer.text
    assert answer.usage is not None
    assert answer.usage.prompt > 20
    assert 0 < answer.usage.completion <= 24


async def test_a_limit_is_exact(backend: LlamaCppBackend) -> None:
    answer = await backend.complete(chat("Tell a long story.", max_tokens=7, seed=1))
    assert (answer.finish, answer.usage and answer.usage.completion) == ("length", 7)


async def test_a_stream_is_the_whole_answer_and_a_seed_gives_it_again(backend: LlamaCppBackend) -> None:
    request = chat("Tell me about rivers.", seed=11, temperature=1, max_tokens=24)
    await backend.complete(request)  # from here on the prompt is in the cache for all three
    whole = await backend.complete(request)
    streamed = [part async for part in backend.stream(request)]
    assert "".join(part.text for part in streamed) == whole.text
    assert (streamed[-1].finish, streamed[-1].usage) == (whole.finish, whole.usage)
    other = await backend.complete(replace(request, seed=12))
    assert other.text != whole.text


async def test_a_stop_text_ends_the_answer_and_is_not_in_it(backend: LlamaCppBackend) -> None:
    request = chat("Count from one to ten in digits: 1, 2, 3,", temperature=0, max_tokens=40)
    free = (await backend.complete(request)).text
    stop = free[len(free) // 2 :][:3]
    stopped = await backend.complete(replace(request, stop=(stop,)))
    assert stopped.finish == "stop"
    assert free.startswith(stopped.text)
    assert stop not in stopped.text


async def test_four_at_once_are_all_answered_and_none_mixed_up(backend: LlamaCppBackend) -> None:
    words = ["apple", "river", "stone", "cloud"]
    format_ = [schema_format({"properties": {"word": {"const": word}}, "required": ["word"]}) for word in words]
    requests = [chat(f"Say {word}.", response_format=each) for word, each in zip(words, format_, strict=True)]
    answers = await asyncio.gather(*(backend.complete(request) for request in requests * 2))
    assert [json.loads(answer.text)["word"] for answer in answers] == words * 2


async def test_a_prompt_that_begins_alike_is_not_computed_again(backend: LlamaCppBackend) -> None:
    system = {"role": "system", "content": "You are the writer of a product handbook. Be exact and brief. " * 8}
    usages = []
    for question in ("How long is the warranty?", "What colour is it?"):
        messages = [system, {"role": "user", "content": question}]
        usages.append((await backend.complete(chat(messages=messages, max_tokens=4))).usage)
    assert usages[0] is not None
    assert usages[1] is not None
    assert usages[0].cached < 20
    assert usages[1].cached > 100


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("most", [32, 48])
async def test_an_answer_held_to_a_schema_always_parses(
    backend: LlamaCppBackend, schema: dict[str, Any], most: int
) -> None:
    requests = [
        chat("Invent something.", seed=seed, temperature=1.5, max_tokens=most, response_format=schema_format(schema))
        for seed in range(3)
    ]
    for answer in await asyncio.gather(*(backend.complete(request) for request in requests)):
        read = json.loads(answer.text)
        if schema is ACTION:
            assert read.keys() == {"action", "input"}
            assert read["action"] in ("search", "ask", "answer")


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "search"}}, "auto"])
@pytest.mark.parametrize("most", [32, 48])
async def test_a_call_is_always_well_formed(backend: LlamaCppBackend, choice: Any, most: int) -> None:
    for seed in range(2):
        request = chat("Find x.", tools=[SEARCH], tool_choice=choice, seed=seed, temperature=1.2, max_tokens=most)
        answer = await backend.complete(request)
        assert answer.calls or choice == "auto"
        for call in answer.calls:
            assert (call.name, answer.finish, answer.text) == ("search", "tool_calls", "")
            assert "query" in json.loads(call.arguments)


async def test_too_few_tokens_for_a_schema_are_refused(backend: LlamaCppBackend) -> None:
    with pytest.raises(BadRequest, match="max_tokens is 3"):
        await backend.complete(chat(max_tokens=3, response_format=schema_format(ACTION)))


async def test_what_does_not_fit_the_context_is_refused_with_numbers(backend: LlamaCppBackend) -> None:
    with pytest.raises(ContextOverflow, match="4096"):
        await backend.complete(chat("word " * 5000))
    with pytest.raises(ContextOverflow):
        await backend.complete(chat("hi", max_tokens=5000))
    assert (await backend.complete(chat("hi", max_tokens=2))).usage is not None


async def test_leaving_a_stream_frees_its_place_at_once(backend: LlamaCppBackend) -> None:
    streams = [backend.stream(chat(f"Story {n}.", max_tokens=900, seed=n)) for n in range(8)]
    firsts = [asyncio.create_task(anext(stream)) for stream in streams]
    await asyncio.wait(firsts, return_when=asyncio.FIRST_COMPLETED)
    for task in firsts:
        task.cancel()
    await asyncio.gather(*firsts, return_exceptions=True)
    for stream in streams:
        await stream.aclose()
    async with asyncio.timeout(20):
        assert (await backend.complete(chat("hi", max_tokens=2))).usage is not None


async def test_the_event_loop_stays_free(backend: LlamaCppBackend) -> None:
    longest, last = 0.0, time.perf_counter()
    work = asyncio.create_task(gather(backend.stream(chat("word " * 150, max_tokens=8))))
    while not work.done():
        await asyncio.wait({work}, timeout=0.005)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    assert longest < 0.5


async def test_a_failing_request_does_not_disturb_the_others(backend: LlamaCppBackend) -> None:
    bad: list[ChatRequest] = [chat(response_format=schema_format({"type": "thing"})), chat(grammar="root ::= nothing")]
    good = asyncio.create_task(backend.complete(chat("hi", max_tokens=20, seed=1)))
    for request in bad:
        with pytest.raises(BadRequest):
            await backend.complete(request)
    assert (await good).usage is not None


async def test_closing_fails_what_runs_and_ends_the_wait() -> None:
    backend = LlamaCppBackend(SMOLLM2)
    with pytest.raises(BackendFailed, match="not loaded"):
        await backend.complete(chat())
    await backend.open()
    await backend.open()
    waiting = asyncio.create_task(backend.wait())
    stream = backend.stream(chat("Tell a long story.", max_tokens=900))
    await anext(stream)
    await backend.close()
    await backend.close()
    await waiting
    with pytest.raises(BackendFailed, match="stopped"):
        async for _ in stream:
            pass


async def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGUF" + (3).to_bytes(4, "little") + bytes(400))
    backend = LlamaCppBackend(replace(SMOLLM2, gguf=path))
    with pytest.raises(ModelUnreadable, match=r"x\.gguf: "):
        await backend.open()
    await backend.close()
