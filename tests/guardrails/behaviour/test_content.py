import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.behaviour.content import (
    Said,
    canonical,
    numbers,
    read_answer,
    read_text,
    without_changing,
    without_noise,
)
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind


def answer(kind: Kind, body: object) -> Envelope:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Envelope("1", "tool-crm", "triage", Kind.REPLY, raw, request_kind=kind)


def test_order_and_blanks_of_arguments_do_not_count() -> None:
    assert canonical(b'{"b": 1,\n"a":"x"}') == canonical(b'{"a":"x","b":1}') == b'{"a":"x","b":1}'


@pytest.mark.parametrize("odd", [b"", b"{", b"\xff", b"nonsense", b"[" * 3000])
def test_what_is_no_json_counts_as_it_is(odd: bytes) -> None:
    assert canonical(odd) == odd


def test_long_arguments_count_with_their_length() -> None:
    assert canonical(b"x" * 100_000) != canonical(b"x" * 100_001)
    assert len(canonical(b"x" * 1_000_000)) < 70_000


def test_text_is_read_without_ids() -> None:
    def said(identifier: str) -> bytes:
        parts = [{"text": "Hello"}, {"data": {"n": 1}}]
        return json.dumps({"id": identifier, "params": {"message": {"messageId": identifier, "parts": parts}}}).encode()

    assert read_text(said("1")) == read_text(said("2"))
    assert b"Hello" in read_text(said("1"))
    assert read_text(b'{"params":{"message":{"parts":[{"text":"Hi"}]}}}') == b"Hi"
    assert read_text(b"no json") == b"no json"


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (Kind.MCP, b'{"id":1,"result":{"isError":true}}', Said(b'{"isError":true}', True)),
        (Kind.MCP, b'{"id":2,"result":{"isError": false}}', Said(b'{"isError": false}', False)),
        (Kind.MCP, b'{"id":3,"error":{"code":1}}', Said(b'{"code":1}', True)),
        (Kind.MCP, b"odd", Said(b"odd", False)),
        (Kind.A2A, {"result": {"message": {"messageId": "9", "parts": [{"text": "Hi"}]}}}, Said(b"Hi", False)),
        (Kind.A2A, {"error": {"code": 1}}, Said(b'{"code": 1}', True)),
        (Kind.A2A, {"result": {}}, Said(b'{"result": {}}', False)),
        (Kind.A2A, {}, Said(b"", False)),
        (
            Kind.A2A,
            {
                "result": {
                    "task": {
                        "id": "9",
                        "status": {"state": "TASK_STATE_FAILED", "message": {"parts": [{"text": "no"}]}},
                    }
                }
            },
            Said(b"TASK_STATE_FAILED\0no", True),
        ),
        (
            Kind.A2A,
            {"result": {"task": {"status": {"state": "done"}, "artifacts": [{"parts": [{"text": "yes"}]}]}}},
            Said(b"done\0yes", False),
        ),
    ],
)
def test_what_an_answer_says(kind: Kind, body: object, said: Said) -> None:
    assert read_answer(answer(kind, body)) == said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"q":"x","at":"2026-11-24T22:30:22Z"}', b'{"q":"x","at":"2026-11-25T01:02:03Z"}'),
        (b'{"q":"x","attempt":3}', b'{"q":"x","attempt":4}'),
        (b'{"q":"x","request_id":"r7xq"}', b'{"q":"x","request_id":"p9ww"}'),
        (b"try 3: 018f3c2a-1111-4222-8333-abcdefabcdef", b"try 4: 118f3c2a-2222-4222-8333-abcdefabc000"),
        (b"Attempt #3 at 12:03:04", b"attempt #14 at 13:59:01"),
        (b"ts 1732487422.123", b"ts 1732487499.9"),
        (b"digest 0123456789abcdef0123456789abcdef", b"digest fffffffff9abcdef0123456789abcdef"),
    ],
)
def test_noise_is_left_out(one: bytes, other: bytes) -> None:
    assert without_noise(one) == without_noise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"id":4711}', b'{"id":4712}'),
        (b"price 1234567.89", b"price 1234567.99"),
        (b"page 1", b"page 2"),
        (b"2026-11-24", b"2026-11-25"),
        (b"call +4930123456", b"call +4930123457"),
    ],
)
def test_what_may_mean_something_stays(one: bytes, other: bytes) -> None:
    assert without_noise(one) != without_noise(other)


def test_near_duplicates_are_equal_without_what_changes() -> None:
    assert without_changing(b"ticket 4711 at 12:00") == without_changing(b"ticket 99 at  09:13")
    assert without_changing(b"open the gate") != without_changing(b"shut the gate")


def test_numbers() -> None:
    assert numbers(b"a 12 b 007, c") == (12, 7)
    assert len(numbers(b"1 " * 200)) == 16


@given(st.binary(max_size=3000))
def test_nothing_raises(data: bytes) -> None:
    for read in (canonical, read_text, without_changing, without_noise, numbers):
        assert read(data) == read(data)
    for kind in (Kind.MCP, Kind.A2A):
        read_answer(answer(kind, data))


@pytest.mark.parametrize("unit", [b"1", b"a", b'"ts":"', b"attempt ", b"12:", b"-", b"0123456789abcdef-", b'"', b"Z+"])
def test_hostile_texts_cost_little(unit: bytes) -> None:
    text = unit * (1_000_000 // len(unit))
    began = time.process_time()
    for read in (canonical, read_text, without_noise, numbers):
        read(text)
    assert time.process_time() - began < 0.1
