import json

from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.content.text import read_said, read_text


def test_plain_bodies_are_their_own_text() -> None:
    body = b'{"text": "hello"}'
    assert read_text(body) is body


def test_escapes_hide_nothing() -> None:
    assert b"AKIA" in read_text(rb'{"text": "\u0041\u004b\u0049\u0041"}')
    assert b"one\ntwo" in read_text(rb'{"text": "one\ntwo"}')
    assert b"\\n" in read_text(rb'{"text": "one\\ntwo"}')
    assert "😀".encode() in read_text(rb'["\ud83d\ude00"]')
    assert b"secret" in read_text(rb'["\ud800 se\u0063ret"]')


def test_what_is_no_json_is_read_all_the_same() -> None:
    assert read_text(b"\xff\xfe key").endswith(b"key")
    deep = b"[" * 100_000 + rb'"\u0041KIA"' + b"]" * 100_000
    assert b"AKIA" in read_text(deep)
    assert b"first" in read_text(rb'{"a": "f\u0069rst", "a": "second"}')


def test_sentences_are_what_is_said() -> None:
    body = json.dumps({"id": "1", "method": "m", "params": {"text": "Hello there.", "more": ["Good bye", 3]}}).encode()
    assert read_said(body) == "Hello there.\nGood bye"
    assert read_said(b"no json") == "no json"


@given(st.binary(max_size=400))
def test_no_body_breaks_it(body: bytes) -> None:
    read_text(body).decode("utf-8", "replace")
    read_said(body)


VALUES = st.recursive(
    st.text(max_size=20), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
)


@given(VALUES)
def test_every_ascii_string_is_in_the_text(value: object) -> None:
    text = read_text(json.dumps(["needle with spaces", value]).encode())
    assert b"needle with spaces" in text
