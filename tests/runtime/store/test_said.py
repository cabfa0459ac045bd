import json

import pytest

from lictor.protocols.a2a.writing import get_task, send_message
from lictor.runtime.store.said import say


def rpc(**fields: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, **fields}).encode()


def call(name: str, arguments: dict[str, object]) -> bytes:
    return rpc(method="tools/call", params={"name": name, "arguments": arguments})


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("a2a", send_message("How?"), "How?"),
        ("a2a", get_task("t"), "GetTask"),
        ("mcp", call("search", {"query": "pass word", "n": 3}), 'search(query="pass word", n=3)'),
        ("mcp", rpc(method="tools/list"), "tools/list"),
        ("model", b'{"messages":[{"role":"system","content":"s"},{"role":"user","content":"Hi"}]}', "Hi"),
        ("model", b'{"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}', "Hi"),
        ("reply", rpc(result={"content": [{"type": "text", "text": "found"}]}), "found"),
        ("reply", rpc(result={"structuredContent": {"n": 1}, "content": []}), '{"n":1}'),
        ("reply", rpc(result={"tools": [{"name": "a"}, {"name": "b"}]}), "tools: a, b"),
        ("reply", rpc(result={"task": {"status": {"state": "TASK_STATE_WORKING"}}}), "working"),
        ("reply", rpc(result={"message": {"parts": [{"text": "done"}]}}), "done"),
        ("reply", rpc(error={"code": -32603, "message": "the agent failed"}), "the agent failed"),
        ("reply", b'{"choices":[{"message":{"content":"Hello"}}]}', "Hello"),
        ("reply", b'{"choices":[{"delta":{"content":"Hel"}}]}', "Hel"),
        ("reply", b'{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}}]}', "f({})"),
        ("reply", b'{"choices":[]}', ""),
        ("event", "grüß\n".encode(), "grüß\n"),
        ("a2a", b"not json", "not json"),
        ("mcp", b"\xff\xfe", "‹2 bytes›"),
        ("reply", b"[" * 5000, "[" * 5000),
        ("reply", b"", ""),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalnum() else "-",
)
def test_a_body_is_told_for_a_person(kind: str, body: bytes, text: str) -> None:
    assert say(kind, body) == text


def test_what_is_told_has_a_limit_even_where_it_cuts_a_character() -> None:
    assert len(say("event", b"x" * 10_000_000)) == 20_000
    assert say("event", b"x" * 79_999 + "é".encode() * 10).endswith("x…")
