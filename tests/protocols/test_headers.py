import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.protocols import headers as names
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.headers import read_headers, write_headers

VISIBLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)


@given(st.dictionaries(st.from_regex(r"[A-Za-z-]{1,20}", fullmatch=True), VISIBLE, max_size=10))
def test_what_is_written_is_read_back(headers: dict[str, str]) -> None:
    assert read_headers(write_headers(headers)) == {name: value.strip() for name, value in headers.items()}


def test_an_empty_block_is_no_headers() -> None:
    assert read_headers(b"") == {}
    assert read_headers(write_headers({})) == {}


def test_a_status_is_kept() -> None:
    assert read_headers(b"NATS/1.0 503\r\n\r\n") == {"": "503"}
    assert read_headers(b"NATS/1.0 503 No Responders\r\nA: b\r\n\r\n") == {"": "503 No Responders", "A": "b"}


@pytest.mark.parametrize(
    "block",
    [
        b"HTTP/1.1\r\n\r\n",
        b"NATS/1.0\r\nA: b\r\n",
        b"NATS/1.0\r\nA\r\n\r\n",
        b"NATS/1.0\r\n: b\r\n\r\n",
        b"NATS/1.0\r\nA: b\r\nA: c\r\n\r\n",
        b"NATS/1.0\r\nA: \xff\r\n\r\n",
        b"NATS/1.0\r\nA: b\nB: c\r\n\r\n",
        b"NATS/1.0\r\nA: b\x00\r\n\r\n",
        b"NATS/1.0\r\nA: " + b"x" * 5000 + b"\r\n\r\n",
        b"NATS/1.0\r\n" + b"".join(b"A%d: b\r\n" % number for number in range(33)) + b"\r\n",
    ],
)
def test_what_breaks_the_grammar_is_refused(block: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        read_headers(block)


@pytest.mark.parametrize("value", ["a\r\nB: c", "a\nb", "ä", "\x00", "\t"])
def test_no_value_breaks_out_of_its_line(value: str) -> None:
    with pytest.raises(MalformedEnvelope):
        write_headers({"A": value})
    with pytest.raises(MalformedEnvelope):
        write_headers({value: "a"})


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(block: bytes) -> None:
    try:
        read_headers(b"NATS/1.0" + block)
    except MalformedEnvelope:
        return


def test_what_the_enforcer_writes_cannot_be_claimed() -> None:
    assert not names.CLAIMABLE & names.ENFORCED
