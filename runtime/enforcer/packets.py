"""What the enforcer writes: deliveries, answers, refusals and notices, with headers of its own making."""

import json
import re
from typing import Final

from lictor.guardrails.verdict import Judgement
from lictor.protocols import headers as names
from lictor.protocols.envelope import Envelope, Packet
from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import new_id
from lictor.protocols.subjects import Kind, inbox

_TOKENS: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_LONGEST_SUBJECT: Final = 256
_LONGEST_REASON: Final = 600
_LONGEST_PLACE: Final = 300
_LONGEST_LINE: Final = 3800
_LISTING: Final = b'{"jsonrpc":"2.0","id":"enforcer","method":"tools/list","params":{}}'
_LISTING_SECONDS: Final = 30.0


def is_own_inbox(subject: str, principal: str) -> bool:
    """Tell whether a reply subject lies in the principal's own reply inbox: nowhere else is it answered."""
    prefix = f"_INBOX_{principal}."
    return (
        subject.startswith(prefix)
        and len(subject) <= _LONGEST_SUBJECT
        and _TOKENS.fullmatch(subject, len(prefix)) is not None
    )


def delivery(subject: str, envelope: Envelope, hops: int, reply: str = "", *, labels: str = "") -> Packet:
    """Return a message that may pass; what its sender put into other headers is gone."""
    block = f"NATS/1.0\r\n{names.MESSAGE}: {envelope.id}\r\n{names.VERDICT}: allow\r\n"
    if labels:
        block += f"{names.LABELS}: {labels}\r\n"
    if envelope.task:
        block += f"{names.TASK}: {envelope.task}\r\n"
    if envelope.context:
        block += f"{names.CONTEXT}: {envelope.context}\r\n"
    if envelope.parent:
        block += f"{names.PARENT}: {envelope.parent}\r\n"
    if envelope.step:
        block += f"{names.STEP}: {envelope.step}\r\n"
    if hops:
        block += f"{names.HOPS}: {hops}\r\n"
    if envelope.deadline:
        block += f"{names.DEADLINE}: {int(envelope.deadline * 1000)}\r\n"
    if envelope.trace:
        block += f"{names.TRACE}: {envelope.trace}\r\n"
    if envelope.content_type:
        block += f"{names.CONTENT_TYPE}: {envelope.content_type}\r\n"
    if not envelope.end:
        block += f"{names.END}: 0\r\n"
    return Packet(subject, envelope.body, (block + "\r\n").encode("ascii"), reply)


def refusal(reply_to: str, message: str, judgement: Judgement) -> Packet:
    """Return the answer to a message that may not pass; its one header line stays below 4 KiB."""
    deciding = judgement.deciding
    told = {
        "message": message,
        "layer": deciding.layer,
        "code": deciding.code[:_LONGEST_PLACE],
        "reason": _printable(deciding.reason[:_LONGEST_REASON]),
        "rule": _printable(deciding.rule[:_LONGEST_PLACE]),
        "file": _printable(deciding.file[-_LONGEST_PLACE:]),
        "line": deciding.line,
        "outcome": judgement.outcome.word,
    }
    line = json.dumps(told)
    if len(line) > _LONGEST_LINE:
        told |= {"reason": f"{deciding.reason[:100].encode('ascii', 'replace').decode()} …", "rule": "", "file": ""}
        line = json.dumps(told)
    return Packet(reply_to, b"", f"NATS/1.0\r\n{names.MESSAGE}: {message}\r\n{names.REFUSED}: {line}\r\n\r\n".encode())


def held(reply_to: str, notice: HeldNotice) -> Packet:
    """Return the notice that an answer waits for a person, or waits no longer; it ends nothing."""
    block = f"NATS/1.0\r\n{names.MESSAGE}: {notice.message}\r\n{names.HELD}: {notice.write()}\r\n\r\n"
    return Packet(reply_to, b"", block.encode("ascii"))


def lost(request: Envelope) -> Packet:
    """Return the notice that a request's target is gone."""
    block = f"NATS/1.0\r\n{names.MESSAGE}: {request.id}\r\n{names.LOST}: {request.target}\r\n\r\n"
    return Packet(request.reply_to, b"", block.encode("ascii"))


def listing(enforcer: str, server: str, now: float) -> Envelope:
    """Return the enforcer's own question to a tool server: which tools it has."""
    return Envelope(
        id=new_id(now),
        sender=enforcer,
        target=server,
        kind=Kind.MCP,
        body=_LISTING,
        hops=1,
        deadline=now + _LISTING_SECONDS,
        content_type="application/json",
    )


def started(enforcer: str, principal: str, now: float) -> Packet:
    """Return the notice that an enforcer has started; its id tells when: what was sent later is not given up."""
    block = f"NATS/1.0\r\n{names.MESSAGE}: {new_id(now)}\r\n{names.LOST}: enforcer\r\n\r\n"
    return Packet(inbox(principal, Kind.EVENT, "enforcer"), enforcer.encode(), block.encode("ascii"))


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "�" for sign in text)
