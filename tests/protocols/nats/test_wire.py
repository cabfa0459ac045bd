"""The NATS protocol as bytes: every cut of the stream gives the same, and no byte of a subject parts words."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.nats.wire import BrokenStream, WireReader, write_packets, write_subscription, write_unsubscription

HEADERS = b"NATS/1.0\r\nA: b\r\n\r\n"
STREAM = (
    b"PING\r\n"
    b"MSG a.b 1 5\r\nhello\r\n"
    b"MSG a.c 2 _INBOX.x 2\r\n\r\n\r\n"
    b"HMSG a.d 1 18 20\r\n" + HEADERS + b"hi\r\n"
    b"HMSG a.e 1 _INBOX.y 18 18\r\n" + HEADERS + b"\r\n"
    b"PONG\r\n"
    b"-ERR 'Stale Connection'\r\n"
)
FIRST = [Packet("a.b", b"hello"), Packet("a.d", b"hi", HEADERS), Packet("a.e", b"", HEADERS, "_INBOX.y")]
SECOND = [Packet("a.c", b"\r\n", b"", "_INBOX.x")]
CONTROLS = [b"PING", b"PONG", b"-ERR 'Stale Connection'"]


def feed(*chunks: bytes) -> tuple[dict[int, list[Packet]], list[bytes]]:
    reader = WireReader()
    messages: dict[int, list[Packet]] = {}
    controls: list[bytes] = []
    for chunk in chunks:
        more, lines = reader.feed(chunk)
        for sid, packets in more.items():
            messages.setdefault(sid, []).extend(packets)
        controls += lines
    return messages, controls


def test_one_read_gives_all_messages_by_subscription() -> None:
    assert feed(STREAM) == ({1: FIRST, 2: SECOND}, CONTROLS)


@given(st.lists(st.integers(1, len(STREAM) - 1), unique=True, max_size=8).map(sorted))
def test_every_cut_gives_the_same(cuts: list[int]) -> None:
    edges = [0, *cuts, len(STREAM)]
    chunks = [STREAM[start:end] for start, end in pairwise(edges)]
    assert feed(*chunks) == ({1: FIRST, 2: SECOND}, CONTROLS)


def test_byte_by_byte_gives_the_same() -> None:
    assert feed(*[STREAM[i : i + 1] for i in range(len(STREAM))]) == ({1: FIRST, 2: SECOND}, CONTROLS)


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x85", "\u2003", "\xa0"])
def test_what_counts_as_white_space_elsewhere_does_not_part_words(sign: str) -> None:
    subject = f"lictor.out.mallory{sign}7{sign}x"
    messages, _ = feed(f"MSG {subject} 1 2\r\nhi\r\n".encode())
    assert messages == {1: [Packet(subject, b"hi")]}


def test_a_subject_outside_utf8_does_not_stop_the_stream() -> None:
    messages, _ = feed(b"MSG a.\xff\xfe 1 \xff 1\r\nx\r\nMSG b 1 1\r\ny\r\n")
    assert messages == {1: [Packet("a.\ufffd\ufffd", b"x", b"", "\ufffd"), Packet("b", b"y")]}


@pytest.mark.parametrize("line", [b"MSG a 1 x\r\n", b"MSG a one 1\r\n\x20\r\n", b"MSG\r\n", b"HMSG a 1 x 3\r\nabc\r\n"])
def test_what_is_not_the_protocol_breaks_the_stream(line: bytes) -> None:
    with pytest.raises(BrokenStream):
        feed(line)


def test_a_line_that_does_not_end_breaks_the_stream() -> None:
    with pytest.raises(BrokenStream, match="does not end"):
        feed(b"x" * 1_048_577)


def test_what_is_written_is_read_back() -> None:
    packets = [Packet("a.b", b"hello"), Packet("c", b"", HEADERS, "r"), Packet("d", b"x", HEADERS)]
    written = write_packets(packets, 1000)
    assert written == (
        b"PUB a.b  5\r\nhello\r\nHPUB c r 18 18\r\n" + HEADERS + b"\r\nHPUB d  18 19\r\n" + HEADERS + b"x\r\n"
    )
    assert write_packets([], 10) == b""
    assert write_subscription("a.>", 7) == b"SUB a.> 7\r\n"
    assert write_unsubscription(7) == b"UNSUB 7\r\n"


def test_one_packet_too_large_stops_all() -> None:
    with pytest.raises(MalformedEnvelope, match="a message on b has 29 bytes; the broker takes 28"):
        write_packets([Packet("a", b"x"), Packet("b", b"x" * 11, HEADERS)], 28)
