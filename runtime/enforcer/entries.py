"""What the record is told of one message."""

from typing import Final

import msgspec

from lictor.guardrails.action import Action
from lictor.guardrails.labels import UNMARKED, Mark
from lictor.guardrails.verdict import Judgement, Outcome, denial
from lictor.protocols.envelope import Envelope, Packet
from lictor.protocols.identifiers import new_id
from lictor.protocols.record import MessageEntry, VerdictEntry
from lictor.protocols.subjects import Kind

_DENY: Final = Outcome.DENY

_RECORDED_BODY: Final = 500_000
"""Bytes of a body that are recorded: what is larger would not fit into one batch."""
_REFUSED_BODY: Final = 4096
"""Bytes that are recorded of a message that is late, too much or not what it claims to be."""
_EARLY: Final = frozenset({"identify", "admit", "record"})
_WRITTEN: Final = frozenset({"arguments", "tool", "method", "model"})
"""Fields of a question that hold the sender's own text."""
_NO_ACTION: Final = Action()
_LONGEST_NAME: Final = 256
_KINDS: Final = frozenset(kind._value_ for kind in Kind)
_WORDS: Final = {outcome: outcome.word for outcome in Outcome}


class Author(msgspec.Struct, frozen=True):
    """Who judges, and by which bundle."""

    enforcer: str
    revision: str


def describe(
    author: Author,
    envelope: Envelope,
    action: Action,
    judgement: Judgement,
    now: float,
    *,
    hops: int,
    size: int,
    cost_us: float = 0.0,
    outcome: str = "",
    mark: Mark = UNMARKED,
    approval: str = "",
    sealed: bytes = b"",
    digest: str = "",
) -> MessageEntry:
    """Return the entry of one judged message; an id that was refused as an id is not recorded as one."""
    body = envelope.body
    identifier = envelope.id
    if judgement.outcome >= _DENY:
        layer = judgement.deciding.layer
        if layer == "identify":
            identifier = new_id(now)
        if layer in _EARLY:
            body = body[:_REFUSED_BODY]
    judged = judgement.verdicts
    if digest:
        judged = tuple([msgspec.structs.replace(v, facts=_scrubbed(v.facts)) for v in judged])
    verdicts = tuple(
        [
            VerdictEntry(
                v.layer, _WORDS[v.outcome], v.code, v.reason, v.rule, v.file, v.line, v.obligations, cost, v.facts
            )
            for v, cost in zip(judged, judgement.costs_us, strict=True)
        ]
    )
    return MessageEntry(
        identifier,
        now,
        author.enforcer,
        author.revision,
        envelope.sender,
        envelope.target,
        envelope.kind._value_,
        outcome or _WORDS[judgement.outcome],
        body[:_RECORDED_BODY],
        size,
        envelope.task,
        envelope.context,
        envelope.parent,
        envelope.in_reply_to,
        envelope.step,
        hops,
        envelope.end,
        envelope.trace,
        envelope.content_type,
        mark.labels.text(),
        action.word if not digest else action.method,
        cost_us,
        verdicts,
        msgspec.json.encode(dict(mark.causes)).decode() if mark.causes else "",
        approval,
        sealed,
        digest,
    )


def describe_unread(
    author: Author, packet: Packet, request: Envelope | None, judgement: Judgement, now: float
) -> MessageEntry:
    """Return the entry of a packet that could not be read; `request` is what it answers, if that is known."""
    tokens = packet.subject.split(".")
    sender, kind, target = (tokens[2], tokens[3], tokens[4]) if len(tokens) in {5, 6} else ("", "", "")
    if request is not None:
        target = request.sender
    elif kind == Kind.REPLY.value:
        target = ""
    envelope = Envelope(
        id=new_id(now),
        sender=sender[:_LONGEST_NAME],
        target=target[:_LONGEST_NAME],
        kind=Kind(kind) if kind in _KINDS else Kind.EVENT,
        body=packet.body,
        in_reply_to=request.id if request is not None else "",
        task=request.task if request is not None else "",
        context=request.context if request is not None else "",
    )
    return describe(author, envelope, _NO_ACTION, judgement, now, hops=0, size=len(packet.body))


def describe_unanswered(author: Author, request: Envelope, outcome: str, reason: str, now: float) -> MessageEntry:
    """Return the entry of an answer that will never come."""
    envelope = Envelope(
        id=new_id(now),
        sender=request.target,
        target=request.sender,
        kind=Kind.REPLY,
        body=b"",
        in_reply_to=request.id,
        task=request.task,
        context=request.context,
        parent=request.id,
    )
    judgement = denial("deliver", f"deliver.{outcome}", f"{request.target} {reason}")
    return describe(author, envelope, _NO_ACTION, judgement, now, hops=request.hops, size=0, outcome=outcome)


def describe_flood(author: Author, sender: str, count: int, limit: str, now: float) -> MessageEntry:
    """Return the one entry of so many messages of a sender that were turned away unread."""
    envelope = Envelope(id=new_id(now), sender=sender[:_LONGEST_NAME], target="", kind=Kind.EVENT, body=b"")
    reason = f"{count} messages of {sender} were turned away unread: it sends more than {limit}"
    judgement = denial("admit", "admit.flood", reason)
    return describe(author, envelope, _NO_ACTION, judgement, now, hops=0, size=0)


def _scrubbed(facts: bytes) -> bytes:
    """Return the question that the policy was asked, without what the sender wrote: of it something was taken out."""
    if not facts:
        return facts
    known = msgspec.json.decode(facts)
    return msgspec.json.encode({name: value for name, value in known.items() if name not in _WRITTEN})
