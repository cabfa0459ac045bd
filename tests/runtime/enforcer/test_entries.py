"""What the record is told, and what it is spared."""

from playbook import START

from lictor.guardrails.action import Action
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope, Packet
from lictor.protocols.identifiers import is_id
from lictor.protocols.record import RecordBatch, pack, unpack
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.entries import Author, describe, describe_unanswered, describe_unread

AUTHOR = Author("enforcer", "r1")
ID = "0" * 32


def judged(outcome: Outcome, layer: str) -> Judgement:
    first, last = Verdict("first", Outcome.ALLOW), Verdict(layer, outcome, "c", "why", "rule", "f", 3, ("o",))
    return Judgement(outcome, (first, last), last, (1.0, 2.0))


def message(body: bytes = b"{}") -> Envelope:
    return Envelope(ID, "a", "b", Kind.MCP, body, task="t", context="c", parent="p", step="s", trace="tr")


def test_an_entry_holds_the_message_and_every_verdict() -> None:
    entry = describe(
        AUTHOR, message(), Action("tools/call", "x"), judged(Outcome.ALLOW, "route"), START, hops=2, size=2
    )
    assert (entry.id, entry.sender, entry.target, entry.kind, entry.method) == (ID, "a", "b", "mcp", "x")
    assert (entry.enforcer, entry.bundle, entry.at, entry.hops, entry.outcome) == ("enforcer", "r1", START, 2, "allow")
    assert [(v.layer, v.outcome, v.line, v.cost_us) for v in entry.verdicts] == [
        ("first", "allow", 0, 1.0),
        ("route", "allow", 3, 2.0),
    ]
    assert unpack(pack(RecordBatch("enforcer", 1, (entry,), "i"))).entries == (entry,)


def test_bodies_are_kept_as_evidence_but_not_without_end() -> None:
    large = message(b"x" * 900_000)
    for outcome, layer, length in (
        (Outcome.ALLOW, "route", 500_000),
        (Outcome.DENY, "route", 500_000),
        (Outcome.DENY, "admit", 4096),
        (Outcome.DENY, "identify", 4096),
        (Outcome.DENY, "record", 4096),
    ):
        entry = describe(AUTHOR, large, Action(), judged(outcome, layer), START, hops=1, size=900_000)
        assert (len(entry.body), entry.size) == (length, 900_000)


def test_an_id_that_was_refused_is_not_recorded_as_one() -> None:
    entry = describe(AUTHOR, message(), Action(), judged(Outcome.DENY, "identify"), START, hops=1, size=2)
    assert entry.id != ID
    assert is_id(entry.id)
    entry = describe(AUTHOR, message(), Action(), judged(Outcome.DENY, "admit"), START, hops=1, size=2)
    assert entry.id == ID


def test_what_could_not_be_read() -> None:
    judgement = judged(Outcome.DENY, "identify")
    entry = describe_unread(AUTHOR, Packet("lictor.out.a.a2a.b", b"x"), None, judgement, START)
    assert (entry.sender, entry.target, entry.kind, entry.in_reply_to) == ("a", "b", "a2a", "")
    entry = describe_unread(AUTHOR, Packet("lictor.out.b.reply.enforcer.1f", b"x"), message(), judgement, START)
    assert (entry.sender, entry.target, entry.kind, entry.in_reply_to, entry.task) == ("b", "a", "reply", ID, "t")
    entry = describe_unread(AUTHOR, Packet("lictor.out.b.reply.enforcer.1f", b"x"), None, judgement, START)
    assert (entry.target, entry.in_reply_to) == ("", "")
    entry = describe_unread(AUTHOR, Packet("x", b"x"), None, judgement, START)
    assert (entry.sender, entry.kind) == ("", "event")
    entry = describe_unread(AUTHOR, Packet(f"lictor.out.{'a' * 999}.odd.b", b"x"), None, judgement, START)
    assert len(entry.sender) == 256


def test_an_answer_that_never_came() -> None:
    entry = describe_unanswered(AUTHOR, message(), "expired", "was not answered in time", START)
    assert (entry.sender, entry.target, entry.kind, entry.outcome) == ("b", "a", "reply", "expired")
    assert (entry.in_reply_to, entry.task) == (ID, "t")
    assert entry.verdicts[0].reason == "b was not answered in time"
