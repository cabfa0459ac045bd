"""What a body asks for is read the same way as by every reader behind the enforcer."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.guardrails.action import Action, read_action, read_arguments
from lictor.protocols.envelope import Envelope
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.mcp.reading import read_request
from lictor.protocols.subjects import Kind


def envelope(kind: Kind, body: bytes, request_kind: Kind | None = None, *, end: bool = True) -> Envelope:
    return Envelope("0" * 32, "a", "b", kind, body, request_kind=request_kind, end=end)


@pytest.mark.parametrize(
    ("kind", "body", "action"),
    [
        (Kind.A2A, b'{"method":"SendMessage"}', Action("SendMessage")),
        (Kind.MCP, b'{"method":"tools/list"}', Action("tools/list")),
        (Kind.MCP, b'{"method":"tools/list","params":{"name":"x"}}', Action("tools/list")),
        (
            Kind.MCP,
            b'{"method":"tools/call","params":{"name":"x","arguments":{"a": 1}}}',
            Action("tools/call", "x", "", b'{"a": 1}'),
        ),
        (Kind.MODEL, b'{"messages":[{}],"model":"m"}', Action("chat.completions", "", "m")),
        (Kind.EVENT, b"\xff", Action()),
    ],
)
def test_requests(kind: Kind, body: bytes, action: Action) -> None:
    assert read_action(envelope(kind, body)) == action


def test_tokens_of_the_last_part_alone() -> None:
    body = b'{"usage":{"total_tokens":9}}'
    assert read_action(envelope(Kind.REPLY, body, Kind.MODEL)).tokens == 9
    assert read_action(envelope(Kind.REPLY, body, Kind.MODEL, end=False)).tokens == 0
    assert read_action(envelope(Kind.REPLY, body, Kind.A2A)).tokens == 0
    assert read_action(envelope(Kind.REPLY, b'{"usage":{"total_tokens":-9}}', Kind.MODEL)).tokens == 0
    assert read_action(envelope(Kind.REPLY, b'{"usage":{"total_tokens":%d}}' % 10**30, Kind.MODEL)).tokens == 10**9


def test_the_word_says_most() -> None:
    assert Action("tools/call", "x").word == "x"
    assert Action("chat.completions", "", "m").word == "m"
    assert Action("ping").word == "ping"


_KEYS = ["method", "params", "name", "arguments", "x"]


def _spell(key: str, how: list[bool]) -> str:
    return '"' + "".join(f"\\u{ord(c):04x}" if escaped else c for c, escaped in zip(key, how, strict=True)) + '"'


@st.composite
def _objects(draw: st.DrawFn, depth: int = 2) -> str:
    """Draw a JSON object with repeated keys, some of them spelled with escapes."""
    fields = []
    for key in draw(st.lists(st.sampled_from(_KEYS), max_size=5)):
        spelled = _spell(key, draw(st.lists(st.booleans(), min_size=len(key), max_size=len(key))))
        word = draw(st.sampled_from(["tools/call", "tools/list", "safe", "evil"]))
        inner = draw(_objects(depth - 1)) if depth and draw(st.booleans()) else json.dumps(word)
        fields.append(f"{spelled}:{inner}")
    return "{" + ",".join(fields) + "}"


@given(text=_objects())
@settings(max_examples=200, deadline=None)
def test_no_two_readers_disagree(text: str) -> None:
    body = text.encode()
    try:
        action = read_action(envelope(Kind.MCP, body))
    except MalformedEnvelope:
        return
    for reader in (msgspec.json.decode, json.loads):
        seen: dict[str, Any] = reader(body)
        assert action.method == seen["method"]
        if action.method == "tools/call":
            assert action.tool == seen.get("params", {}).get("name", "")
            if action.arguments:
                assert read_arguments(action) == seen["params"]["arguments"]


def test_the_reader_of_tool_servers_agrees() -> None:
    body = b'{"jsonrpc":"2.0","method":"tools/call","params":{"name":"safe","n\\u0061me":"evil"}}'
    assert read_action(envelope(Kind.MCP, body)).tool == read_request(body).tool == "evil"


def test_arguments_that_are_no_json() -> None:
    with pytest.raises(MalformedEnvelope, match="arguments are not JSON"):
        read_arguments(Action(arguments=b"{"))
    with pytest.raises(MalformedEnvelope, match="arguments are not JSON"):
        read_arguments(Action(arguments=b'{"a":' * 5000 + b"1" + b"}" * 5000))
    assert read_arguments(Action()) == {}
