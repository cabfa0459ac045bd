import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.protocols.errors import InvalidName, MalformedEnvelope
from lictor.protocols.subjects import (
    Kind,
    Outbox,
    inbox,
    inbox_all,
    outbox,
    outbox_all,
    parse_outbox,
    replies_to,
    reply_address,
    reply_prefix,
)


def test_what_is_built() -> None:
    assert outbox("triage", Kind.MCP, "tool-crm") == "lictor.out.triage.mcp.tool-crm"
    assert inbox("tool-crm", Kind.MCP, "triage") == "lictor.in.tool-crm.mcp.triage"
    assert inbox_all("triage") == "lictor.in.triage.>"
    assert outbox_all("triage") == "lictor.out.triage.>"
    assert reply_prefix("triage") == "_INBOX_triage"
    assert reply_address("writer", "enforcer", "0a") == "lictor.out.writer.reply.enforcer.0a"
    assert replies_to("enforcer") == "lictor.out.*.reply.enforcer.*"


@pytest.mark.parametrize("name", ["*", ">", "a.b", "", "A"])
def test_nothing_is_built_of_what_is_no_name(name: str) -> None:
    for build in (inbox_all, outbox_all, reply_prefix, replies_to):
        with pytest.raises(InvalidName):
            build(name)
    for pair in ((name, "a"), ("a", name)):
        with pytest.raises(InvalidName):
            outbox(pair[0], Kind.A2A, pair[1])
        with pytest.raises(InvalidName):
            inbox(pair[0], Kind.A2A, pair[1])


@pytest.mark.parametrize("kind", [Kind.A2A, Kind.MCP, Kind.MODEL, Kind.EVENT])
def test_what_is_built_is_read_back(kind: Kind) -> None:
    assert parse_outbox(outbox("triage", kind, "writer")) == Outbox("triage", kind, "writer")


def test_an_answer_is_read_back() -> None:
    assert parse_outbox("lictor.out.writer.reply.enforcer.0Az") == Outbox("writer", Kind.REPLY, "0Az", "enforcer")


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "lictor.out",
        "lictor.out.triage.a2a",
        "lictor.out.triage.a2a.writer.x",
        "lictor.out.triage.reply.enforcer",
        "lictor.out.triage.reply.writer.enforcer.x",
        "lictor.out.triage.reply.enforcer.a-b",
        "lictor.out.triage.reply.enforcer.²",
        "lictor.out.triage.reply.enforcer.",
        "lictor.out.triage.odd.writer",
        "lictor.out.Triage.a2a.writer",
        "lictor.out.triage.a2a.*",
        "lictor.out.triage.a2a.>",
        "lictor.in.triage.a2a.writer",
        "other.out.triage.a2a.writer",
        "lictor.out.triage.a2a.writer\n",
        "lictor.out.triage.a2a.w\ufffd",
    ],
)
def test_what_is_outside_the_grammar_is_refused(subject: str) -> None:
    with pytest.raises(MalformedEnvelope, match="is not an outbox subject"):
        parse_outbox(subject)


@given(st.text())
def test_no_text_reads_as_another_senders_subject(text: str) -> None:
    try:
        address = parse_outbox(f"lictor.out.triage.{text}")
    except MalformedEnvelope:
        return
    assert address.sender == "triage"
