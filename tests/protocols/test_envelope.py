import pytest

from lictor.protocols.envelope import Envelope, Limits, Packet, open_packet
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.headers import write_headers
from lictor.protocols.identifiers import new_id
from lictor.protocols.subjects import Kind, parse_outbox

ID = new_id()
SUBJECT = "lictor.out.triage.a2a.writer"
FULL = {
    "Lictor-Message": ID,
    "Lictor-Task": "t",
    "Lictor-Context": "c",
    "Lictor-Parent": "p",
    "Lictor-Step": "s",
    "Lictor-Hops": "3",
    "Lictor-Deadline": "1500",
    "traceparent": "00-aa",
    "Content-Type": "application/json",
    "Lictor-End": "0",
    "Lictor-Labels": "public",
    "Lictor-Verdict": "allow",
    "X-Other": "y",
}


def opened(
    headers: dict[str, str], body: bytes = b"{}", subject: str = SUBJECT, request: Envelope | None = None
) -> Envelope:
    packet = Packet(subject, body, write_headers(headers), "_INBOX_triage.1")
    return open_packet(packet, parse_outbox(subject), Limits(), request)


def test_a_request_has_what_its_sender_may_claim() -> None:
    assert opened(FULL) == Envelope(
        id=ID,
        sender="triage",
        target="writer",
        kind=Kind.A2A,
        body=b"{}",
        reply_to="_INBOX_triage.1",
        task="t",
        context="c",
        parent="p",
        step="s",
        hops=3,
        deadline=1.5,
        trace="00-aa",
        content_type="application/json",
    )


def test_an_answer_has_the_thread_of_its_request_whatever_it_claims() -> None:
    request = opened({"Lictor-Message": ID, "Lictor-Task": "mine", "Lictor-Hops": "2", "Lictor-Deadline": "9000"})
    answer = opened(FULL, subject="lictor.out.writer.reply.enforcer.0a", request=request)
    assert (answer.sender, answer.target, answer.kind) == ("writer", "triage", Kind.REPLY)
    assert (answer.task, answer.context, answer.hops, answer.deadline) == ("mine", "", 2, 9.0)
    assert (answer.in_reply_to, answer.parent, answer.request_kind) == (ID, ID, Kind.A2A)
    assert not answer.end
    assert answer.reply_to == ""


@pytest.mark.parametrize("identifier", ["", "x", "A" * 32])
def test_an_id_is_required(identifier: str) -> None:
    with pytest.raises(MalformedEnvelope, match="is missing or is not an id"):
        opened({"Lictor-Message": identifier})


@pytest.mark.parametrize("header", ["Lictor-Task", "Lictor-Context", "Lictor-Parent", "Lictor-Step", "traceparent"])
def test_a_word_has_a_limit(header: str) -> None:
    opened({"Lictor-Message": ID, header: "x" * 128})
    with pytest.raises(MalformedEnvelope, match=f"header {header} is longer than 128 characters"):
        opened({"Lictor-Message": ID, header: "x" * 129})


@pytest.mark.parametrize("value", ["-1", "1.5", "x", "1" * 17, "0x1"])
def test_a_number_is_digits(value: str) -> None:
    for header in ("Lictor-Hops", "Lictor-Deadline"):
        with pytest.raises(MalformedEnvelope, match=f"header {header} is not a number"):
            opened({"Lictor-Message": ID, header: value})


def test_a_body_has_a_limit() -> None:
    assert len(opened({"Lictor-Message": ID}, b"x" * 1_048_576).body) == 1_048_576
    with pytest.raises(MalformedEnvelope, match="the body has 1048577 bytes; the limit is 1048576"):
        opened({"Lictor-Message": ID}, b"x" * 1_048_577)
