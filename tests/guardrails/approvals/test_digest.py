"""The digest: one for one action, another for any other, and none for what nobody could be shown."""

import hashlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.action import read_action
from lictor.guardrails.approvals.digest import Ambiguous, Deed, canonical, deed_of, read_exactly, with_arguments
from lictor.protocols.envelope import Envelope
from lictor.protocols.identifiers import new_id
from lictor.protocols.subjects import Kind

TASK = new_id()
CALL: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": "1",
    "method": "tools/call",
    "params": {"name": "pay", "arguments": {"amount": 7, "to": "DE12"}},
}


def deed(body: Any, kind: Kind = Kind.MCP, **changes: Any) -> Deed:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    envelope = Envelope(id=new_id(), sender="triage", target="tool-bank", kind=kind, body=raw, task=TASK)
    envelope = msgspec.structs.replace(envelope, **changes)
    return deed_of(envelope, read_action(envelope))


def test_what_it_holds_of_a_tool_call() -> None:
    found = deed(CALL)
    assert found.arguments == b'{"amount":7,"to":"DE12"}'
    assert found.rest == b"{}"
    assert (found.sender, found.target, found.kind, found.method, found.tool) == (
        "triage",
        "tool-bank",
        "mcp",
        "tools/call",
        "pay",
    )
    assert len(found.digest) == 64


def test_the_digest_is_what_the_page_says() -> None:
    parts = ["lictor-approval-2", "triage", "tool-bank", "mcp", "tools/call", "pay"]
    text = json.dumps([*parts, {"amount": 7, "to": "DE12"}, {}, TASK, "", "", ""], separators=(",", ":"))
    assert deed(CALL).digest == hashlib.sha256(text.encode()).hexdigest()


def test_the_same_action_written_otherwise() -> None:
    other = b'{"params": {"arguments": {"to": "\\u0044E12", "amount":7},\n "name":"pay"}, "method":"tools/call"}'
    assert deed(other).digest == deed(CALL | {"id": 5}).digest == deed(CALL).digest


@pytest.mark.parametrize(
    "changes",
    [{"sender": "writer"}, {"target": "tool-other"}, {"task": new_id()}],
)
def test_another_thread_is_another_action(changes: dict[str, Any]) -> None:
    assert deed(CALL, **changes).digest != deed(CALL).digest


@pytest.mark.parametrize(
    "params",
    [
        {"name": "pay", "arguments": {"amount": 7.0, "to": "DE12"}},
        {"name": "pay", "arguments": {"amount": "7", "to": "DE12"}},
        {"name": "pay", "arguments": {"amount": 7, "to": "DE12", "more": None}},
        {"name": "pay", "arguments": {"amount": 7}},
        {"name": "pay_", "arguments": {"amount": 7, "to": "DE12"}},
        {"name": "pay", "arguments": {"amount": 7, "to": "DE12"}, "_meta": {"as": "root"}},
        {"name": "pay", "arguments": {"amount": 7, "to": "\u0415DE12"}},
    ],
)
def test_another_call_is_another_action(params: dict[str, Any]) -> None:
    assert deed(CALL | {"params": params}).digest != deed(CALL).digest


@pytest.mark.parametrize("name", ["context", "step", "content_type"])
def test_another_header_is_another_action_and_alike(name: str) -> None:
    changes: dict[str, Any] = {name: "x"}
    other = deed(CALL, **changes)
    assert getattr(other, name) == "x"
    assert other.digest != deed(CALL).digest
    assert other.likeness == deed(CALL).likeness


@pytest.mark.parametrize("name", ["trace", "parent"])
def test_what_differs_from_one_message_to_the_next_does_not_count(name: str) -> None:
    changes: dict[str, Any] = {name: "x"}
    assert deed(CALL, **changes).digest == deed(CALL).digest


def test_other_messages_are_bound_whole() -> None:
    message = {"messageId": "1", "role": "ROLE_USER", "parts": [{"text": "pay"}]}
    one = {"jsonrpc": "2.0", "id": "1", "method": "SendMessage", "params": {"message": message}}
    same = one | {"id": "2", "params": {"message": message | {"messageId": "2"}}}
    other = one | {"params": {"message": message | {"parts": [{"text": "pay more"}]}}}
    assert deed(one, Kind.A2A).digest == deed(same, Kind.A2A).digest != deed(other, Kind.A2A).digest
    model = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    assert deed(model, Kind.MODEL).digest != deed(model | {"temperature": 2}, Kind.MODEL).digest
    assert deed(model, Kind.MODEL).arguments == b""


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"x": [{"a": 1, "a": 1}]}',
        b"1e999",
        b"1e-999",
        b"1e-99999999999999999999",
        b"0.1000000000000000055511151231257827",
        b"NaN",
        b"Infinity",
        b"[" * 100_000,
        b"\xff",
        b"{",
        b"1" * 5000,
    ],
)
def test_what_readers_may_take_differently(text: bytes) -> None:
    with pytest.raises(Ambiguous):
        read_exactly(text)


def test_text_that_utf_8_cannot_hold() -> None:
    with pytest.raises(Ambiguous):
        canonical(read_exactly(b'"\\ud800"'))


@pytest.mark.parametrize("text", ["1.10", "1e3", "-0.0", "12345678901234567890", "0.1", "1E+2"])
def test_numbers_that_can_be_shown(text: str) -> None:
    assert read_exactly(text.encode()) == json.loads(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(value=JSON)
def test_one_value_has_one_text(value: Any) -> None:
    try:
        text = canonical(value)
    except Ambiguous:
        return
    assert read_exactly(text) == value
    assert canonical(read_exactly(text)) == text
    assert canonical(read_exactly(json.dumps(value, indent=1).encode())) == text


@given(one=JSON, other=JSON)
def test_two_values_have_two_texts(one: Any, other: Any) -> None:
    try:
        texts = canonical(one), canonical(other)
    except Ambiguous:
        return
    assert (texts[0] == texts[1]) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


def test_other_arguments_change_nothing_else() -> None:
    body = json.dumps(CALL | {"params": CALL["params"] | {"_meta": {"a": 1}}}).encode()
    edited = json.loads(with_arguments(body, {"amount": 1}))
    assert edited["params"] == {"name": "pay", "_meta": {"a": 1}, "arguments": {"amount": 1}}
    assert edited["id"] == "1"
    with pytest.raises(Ambiguous, match="no tool call"):
        with_arguments(b"{}", {})
