import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from mcp import MCPError
from mcp.types import CallToolResult, TextContent, Tool

from lictor.protocols.mcp.client import calling, listing
from lictor.protocols.mcp.reading import Result, read_answer
from lictor.protocols.mcp.service import ToolService, failed
from lictor.protocols.mesh import Thread
from lictor.protocols.subjects import Kind


class Delivered:
    """A delivery that keeps its answers."""

    id = "0" * 32
    sender = "asker"
    kind = Kind.MCP
    thread = Thread()
    deadline = 0.0
    labels = ""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.answers: list[bytes] = []

    async def answer(self, body: bytes, *, end: bool = True, content_type: str = "application/json") -> None:
        self.answers.append(body)


class Source:
    """Tools that do what they are asked to."""

    async def list_tools(self) -> list[Tool]:
        return [Tool(name="echo", description="Say it again.", input_schema={"type": "object"})]

    async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        match name:
            case "refuse":
                raise MCPError(code=-32001, message="no")
            case "break":
                raise RuntimeError("the word is xyzzy")
            case "big":
                return CallToolResult(content=[TextContent(type="text", text="x" * 5000)])
            case "fail":
                return failed("It failed.")
        return CallToolResult(content=[TextContent(type="text", text=json.dumps(dict(arguments)))])


async def ask(body: bytes) -> Result:
    delivered = Delivered(body)
    await ToolService(Source(), most=2000).handle(delivered)
    (answer,) = delivered.answers
    return read_answer(answer)


async def test_a_call_is_answered_with_the_id_of_the_request() -> None:
    delivered = Delivered(calling("echo", {"a": 1}))
    await ToolService(Source()).handle(delivered)
    answer = json.loads(delivered.answers[0])
    assert answer["id"] == json.loads(delivered.body)["id"]
    assert answer["result"]["content"] == [{"type": "text", "text": '{"a": 1}'}]


async def test_tools_are_listed_as_mcp_writes_them() -> None:
    delivered = Delivered(listing())
    await ToolService(Source()).handle(delivered)
    (tool,) = json.loads(delivered.answers[0])["result"]["tools"]
    assert tool == {"name": "echo", "description": "Say it again.", "inputSchema": {"type": "object"}}


@pytest.mark.parametrize(
    ("tool", "result"),
    [
        ("refuse", Result("no", is_error=True, code=-32001)),
        ("break", Result("the tool server failed on this request", is_error=True, code=-32603)),
        ("fail", Result("It failed.", is_error=True)),
    ],
)
async def test_failures_are_answers(tool: str, result: Result, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL):
        assert await ask(calling(tool, {})) == result


async def test_an_answer_that_is_too_large_is_replaced_by_a_sentence() -> None:
    result = await ask(calling("big", {}))
    assert result.is_error
    assert "2000 is the limit" in result.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"garbage", -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"resources/read"}', -32601),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}', -32600),
    ],
)
async def test_what_is_not_served_is_told_by_its_code(body: bytes, code: int) -> None:
    assert (await ask(body)).code == code


async def test_a_ping_is_answered() -> None:
    assert await ask(b'{"jsonrpc":"2.0","id":1,"method":"ping"}') == Result()
