"""The envelope: one message as the pipeline judges it, decoded once, its body left raw."""

from dataclasses import dataclass

import msgspec

from lictor.protocols import headers as names
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.identifiers import is_id
from lictor.protocols.subjects import Kind, Outbox


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that hold before anything is parsed."""

    body: int = 1_048_576
    """Bytes of a body."""
    headers: int = 32
    """Headers of a message."""
    header: int = 4096
    """Bytes of one header line."""


class Packet(msgspec.Struct, frozen=True, gc=False):
    """What travels on the bus, before anything is read: as a broker delivers it or is given it."""

    subject: str
    body: bytes
    headers: bytes = b""
    """A NATS header block, or nothing."""
    reply: str = ""


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """One message. `sender` is what the subject says, because the broker enforces it."""

    id: str
    sender: str
    target: str
    kind: Kind
    body: bytes
    reply_to: str = ""
    """Subject on which the sender waits for answers; empty when nobody waits."""
    in_reply_to: str = ""
    """Id of the request that this answers; empty unless `kind` is reply."""
    request_kind: Kind | None = None
    """Kind of the request that this answers."""
    task: str = ""
    context: str = ""
    parent: str = ""
    """Id of the delivered message that led to this one, as the sender says."""
    step: str = ""
    hops: int = 0
    deadline: float = 0.0
    """Unix time in seconds after which nobody waits; 0 when none was given."""
    trace: str = ""
    content_type: str = ""
    end: bool = True
    """False for a part of a streamed answer that is not the last."""


_WORD_LIMIT = 128
_WORDS = (names.TRACE, names.CONTENT_TYPE, names.TASK, names.CONTEXT, names.PARENT, names.STEP)


def _check(headers: dict[str, str]) -> None:
    for name in _WORDS:
        if len(headers.get(name, "")) > _WORD_LIMIT:
            raise MalformedEnvelope(f"header {name} is longer than {_WORD_LIMIT} characters")


def _number(headers: dict[str, str], name: str) -> int:
    value = headers.get(name, "")
    if not value:
        return 0
    if not value.isdecimal() or len(value) > 16:
        raise MalformedEnvelope(f"header {name} is not a number")
    return int(value)


def open_packet(
    packet: Packet, address: Outbox, limits: Limits, request: Envelope | None = None, identifier: str = ""
) -> Envelope:
    """Return the envelope in a packet from an outbox.

    `request` is what a reply answers: it tells the target, the task and the context, whatever the headers claim.
    `identifier` is the id that a reply gets in place of the one that it claims.
    Raises MalformedEnvelope when the body is over its limit, a header breaks its grammar or the id is none.
    """
    if len(packet.body) > limits.body:
        raise MalformedEnvelope(f"the body has {len(packet.body)} bytes; the limit is {limits.body}")
    headers = names.read_headers(packet.headers, most=limits.headers, longest=limits.header)
    told = headers.get
    claimed = told(names.MESSAGE, "")
    if not is_id(claimed):
        raise MalformedEnvelope(f"header {names.MESSAGE} is missing or is not an id")
    trace, content_type = told(names.TRACE, ""), told(names.CONTENT_TYPE, "")
    if request is not None:
        if len(trace) > _WORD_LIMIT or len(content_type) > _WORD_LIMIT:
            _check(headers)
        return Envelope(
            identifier or claimed,
            address.sender,
            request.sender,
            address.kind,
            packet.body,
            "",
            request.id,
            request.kind,
            request.task,
            request.context,
            request.id,
            request.step,
            request.hops,
            request.deadline,
            trace,
            content_type,
            told(names.END) != "0",
        )
    task, context = told(names.TASK, ""), told(names.CONTEXT, "")
    parent, step = told(names.PARENT, ""), told(names.STEP, "")
    if max(len(trace), len(content_type), len(task), len(context), len(parent), len(step)) > _WORD_LIMIT:
        _check(headers)
    return Envelope(
        claimed,
        address.sender,
        address.target,
        address.kind,
        packet.body,
        packet.reply,
        "",
        None,
        task,
        context,
        parent,
        step,
        _number(headers, names.HOPS),
        _number(headers, names.DEADLINE) / 1000,
        trace,
        content_type,
    )
