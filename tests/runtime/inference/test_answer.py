"""Answers are OpenAI's words."""

import json

from lictor.runtime.inference.answer import AnswerHead, write_chunk, write_completion, write_error
from lictor.runtime.inference.backend import Completion, Delta, ToolCall, Usage
from lictor.runtime.inference.errors import Busy

HEAD = AnswerHead("tiny.gguf", "chatcmpl-1", 5)


def test_a_whole_answer() -> None:
    written = json.loads(write_completion(HEAD, Completion("hi", (), "stop", Usage(3, 1, 2))))
    assert written == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 5,
        "model": "tiny.gguf",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": 3,
            "completion_tokens": 1,
            "total_tokens": 4,
            "prompt_tokens_details": {"cached_tokens": 2},
        },
    }


def test_a_call() -> None:
    completion = Completion("", (ToolCall("c1", "search", '{"q": 1}'),), "tool_calls", None)
    message = json.loads(write_completion(HEAD, completion))["choices"][0]["message"]
    assert message["content"] is None
    assert message["tool_calls"] == [
        {"id": "c1", "type": "function", "function": {"name": "search", "arguments": '{"q": 1}'}}
    ]


def test_parts_of_a_stream() -> None:
    first = json.loads(write_chunk(HEAD, Delta("he"), first=True))
    last = json.loads(write_chunk(HEAD, Delta(finish="stop", usage=Usage(3, 1)), first=False))
    assert first["object"] == "chat.completion.chunk"
    assert first["choices"] == [{"index": 0, "delta": {"role": "assistant", "content": "he"}, "finish_reason": None}]
    assert "usage" not in first
    assert last["choices"] == [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    assert last["usage"]["total_tokens"] == 4


def test_an_error() -> None:
    written = json.loads(write_error(Busy(9)))
    assert (written["error"]["code"], written["error"]["type"]) == ("busy", "overloaded_error")
    assert "9 requests" in written["error"]["message"]
