"""Answers in OpenAI's words: whole completions, parts of a stream, errors."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lictor.protocols.identifiers import new_id
from lictor.runtime.inference.backend import Completion, Delta, ToolCall, Usage
from lictor.runtime.inference.errors import InferenceError


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """What all parts of one answer share; `model` is the one that really ran."""

    model: str
    id: str = field(default_factory=lambda: f"chatcmpl-{new_id()}")
    created: int = field(default_factory=lambda: int(time.time()))


def write_completion(head: AnswerHead, completion: Completion) -> bytes:
    """Write a whole answer."""
    message: dict[str, Any] = {"role": "assistant", "content": completion.text}
    if completion.calls:
        message["content"] = completion.text or None
        message["tool_calls"] = [_call(call) for call in completion.calls]
    document = _document(head, "chat.completion", {"message": message}, completion.finish)
    if completion.usage is not None:
        document["usage"] = _usage(completion.usage)
    return msgspec.json.encode(document)


def write_chunk(head: AnswerHead, delta: Delta, *, first: bool) -> bytes:
    """Write one part of a stream; the one with `finish` carries the usage and is the last."""
    changed: dict[str, Any] = {"role": "assistant"} if first else {}
    if delta.text:
        changed["content"] = delta.text
    if delta.calls:
        changed["tool_calls"] = [{"index": call.index, **_call(call)} for call in delta.calls]
    document = _document(head, "chat.completion.chunk", {"delta": changed}, delta.finish or None)
    if delta.usage is not None:
        document["usage"] = _usage(delta.usage)
    return msgspec.json.encode(document)


def write_error(error: InferenceError) -> bytes:
    """Write an error body: `{"error": {"message", "type", "code"}}`."""
    return msgspec.json.encode({"error": {"message": str(error), "type": error.type, "code": error.code}})


def _document(head: AnswerHead, kind: str, said: Mapping[str, Any], finish: str | None) -> dict[str, Any]:
    return {
        "id": head.id,
        "object": kind,
        "created": head.created,
        "model": head.model,
        "choices": [{"index": 0, **said, "finish_reason": finish}],
    }


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments} if call.name else {"arguments": call.arguments}
    head = {"id": call.id, "type": "function"} if call.id else {}
    return {**head, "function": function}


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
    }
