import json

from lictor.guardrails.content.streams import Seam, Streams
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind


def part(text: str, *, end: bool = False, kind: Kind = Kind.MODEL, stream: str = "q1") -> Envelope:
    if kind is Kind.MODEL:
        document: object = {"choices": [{"delta": {"content": text}}]}
    else:
        document = {"jsonrpc": "2.0", "id": 1, "result": {"artifactUpdate": {"artifact": {"parts": [{"text": text}]}}}}
    body = json.dumps(document).encode()
    return Envelope("m", "model-small", "writer", Kind.REPLY, body, in_reply_to=stream, request_kind=kind, end=end)


def whole(seam: Seam | None) -> bytes:
    return seam.whole if seam is not None else b""


def test_what_is_split_is_read_as_one() -> None:
    for kind in (Kind.MODEL, Kind.A2A):
        streams = Streams()
        assert streams.seam(part("gh", kind=kind)) is None
        assert streams.is_open(part("", kind=kind, end=True))
        assert whole(streams.seam(part("p_abc", kind=kind))) == b"ghp_abc"
        assert whole(streams.seam(part("def", kind=kind, end=True))) == b"ghp_abcdef"
        assert not streams.is_open(part("", kind=kind, end=True))


def test_streams_are_kept_apart_and_bounded() -> None:
    streams = Streams()
    for number in range(1500):
        streams.seam(part("a", stream=str(number)))
    assert whole(streams.seam(part("b", stream="1499"))) == b"ab"
    assert streams.seam(part("b", stream="0")) is None
    streams.seam(part("x" * 10_000, stream="long"))
    assert len(whole(streams.seam(part("y", stream="long")))) == 513


def test_parts_that_cannot_be_read_say_nothing() -> None:
    streams = Streams()
    broken = Envelope("m", "a", "b", Kind.REPLY, b"\xff", in_reply_to="q", request_kind=Kind.A2A, end=False)
    assert streams.seam(broken) is None
