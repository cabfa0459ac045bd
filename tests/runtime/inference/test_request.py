"""Requests are read once, and what is wrong with one is said by name."""

import json
from typing import Any

import pytest
from model_requests import asked, body, chat, schema_format, tool

from lictor.runtime.inference.errors import BadRequest
from lictor.runtime.inference.request import read_request


def test_every_parameter_is_read() -> None:
    request = chat(
        "hi",
        temperature=0.5,
        top_p=0.9,
        top_k=20,
        min_p=0.1,
        seed=7,
        max_tokens=5,
        max_completion_tokens=6,
        stop="END",
        stream=True,
        frequency_penalty=0.5,
        user="someone",
        stream_options={"include_usage": True},
    )
    assert (request.temperature, request.top_p, request.top_k, request.min_p, request.seed) == (0.5, 0.9, 20, 0.1, 7)
    assert (request.max_tokens, request.stop, request.stream, request.frequency_penalty) == (6, ("END",), True, 0.5)
    assert (request.tools, request.tool_choice, request.schema) == ((), "none", None)


def test_content_becomes_one_text() -> None:
    messages = [
        {"role": "developer", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "1", "content": "c"},
    ]
    read = read_request(json.dumps({"messages": messages}).encode()).messages
    assert [(message["role"], message["content"]) for message in read] == [
        ("system", "ab"),
        ("assistant", ""),
        ("tool", "c"),
    ]


def test_tools_and_formats() -> None:
    tools = [tool("search", {"type": "object"}), tool("add", {})]
    assert chat(tools=tools).tool_choice == "auto"
    assert chat(tools=tools, tool_choice="required").tool_choice == "required"
    named = chat(tools=tools, tool_choice={"type": "function", "function": {"name": "add"}})
    assert (named.tool_choice, named.tools[1].parameters) == ("tool:add", {"type": "object", "properties": {}})
    assert chat(response_format={"type": "json_object"}).schema == {"type": "object"}
    assert chat(response_format=schema_format({"type": "array"})).schema == {"type": "array"}
    assert chat(response_format={"type": "text"}).schema is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [{"role": "user"}]}, r"messages\[0\].content"),
        ({"messages": [{"role": "king", "content": ""}]}, r"messages\[0\].role"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "text parts only"),
        ({"messages": [{"role": "assistant", "content": "", "tool_calls": [{}]}]}, "without a function name"),
        ({"messages": [{"role": "user", "content": "x"}] * 1001}, "limit"),
        ({"temperature": "hot"}, "temperature must be a number"),
        ({"temperature": -1}, "temperature must lie between"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens must be a whole number"),
        ({"max_tokens": True}, "max_tokens"),
        ({"stream": 1}, "stream"),
        ({"stop": [""]}, "stop"),
        ({"stop": ["x"] * 17}, "stop"),
        ({"n": 2}, "n may only be 1"),
        ({"logprobs": True}, "logprobs"),
        ({"temprature": 1}, "temprature is not a parameter"),
        ({"tools": [{}]}, r"tools\[0\]"),
        ({"tools": {}}, "tools must be a list"),
        ({"tools": [tool("a", {}), tool("a", {})]}, "twice"),
        ({"tool_choice": "required"}, "there are no tools"),
        ({"tools": [tool("a", {})], "tool_choice": {"function": {"name": "b"}}}, "tool_choice"),
        ({"response_format": {"type": "xml"}}, "response_format"),
        ({"response_format": {"type": "json_schema"}}, "response_format"),
        ({"grammar": 'root ::= "a"', "response_format": {"type": "json_object"}}, "grammar cannot be combined"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(BadRequest, match=named):
        read_request(json.dumps({**asked(), **changes}).encode())


@pytest.mark.parametrize("sent", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 5000])
def test_what_is_no_request_is_refused(sent: bytes) -> None:
    with pytest.raises(BadRequest):
        read_request(sent)


def test_null_means_left_out() -> None:
    assert read_request(body(temperature=None, tools=None, stop=None)).temperature is None
