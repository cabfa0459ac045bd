"""What the enforcer tells the recorder: one entry for each message it judged, as MessagePack on the bus."""

from typing import Final

import msgspec

MARKS: Final = b"marks "
"""Begins what the recorder says before it acknowledges an enforcer's first batch: a MessagePack list of MarkEntry."""


class VerdictEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One layer's verdict, as recorded."""

    layer: str
    outcome: str
    code: str
    reason: str
    rule: str
    file: str
    line: int
    obligations: tuple[str, ...]
    cost_us: float
    facts: bytes = b""
    """The question that the policy was asked, as JSON."""


class MessageEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One judged message, delivered or not."""

    id: str
    at: float
    """Unix time in seconds at which the enforcer judged it."""
    enforcer: str
    bundle: str
    """Revision of the policy bundle that judged it."""
    sender: str
    target: str
    kind: str
    outcome: str
    body: bytes
    size: int
    """Bytes of the body as it was sent."""
    task: str
    context: str
    parent: str
    in_reply_to: str
    step: str
    hops: int
    end: bool
    trace: str
    content_type: str
    labels: str
    method: str
    """What was asked for: an A2A method, a tool's name, a model's name."""
    cost_us: float
    """Time from receipt to verdict, in microseconds."""
    verdicts: tuple[VerdictEntry, ...]
    causes: str = ""
    """JSON object: for each label what first brought it, a message id or `principal NAME FILE:LINE`."""
    approval: str = ""
    """Id of the approval that holds it, or that let it pass."""
    sealed: bytes = b""
    """What was redacted, encrypted for those who may see it."""
    digest: str = ""
    """SHA-256 in hex of the body as it was sent, when it was redacted."""


class ApprovalEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One state of an approval: of one id the latest holds."""

    id: str
    at: float
    """Unix time in seconds of this state."""
    state: str
    """pending, approved, denied or expired."""
    message: str
    task: str
    sender: str
    target: str
    tool: str
    arguments: bytes
    digest: str
    """SHA-256 in hex of the action that it binds to."""
    reason: str
    code: str
    rule: str
    file: str
    line: int
    labels: str
    until: float
    """Unix time in seconds at which it is a denial."""
    by: str = ""
    note: str = ""


class MarkEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What has flowed into something that outlives a task: of one owner the latest holds."""

    owner: str
    """`instance:NAME` or `store:NAME`."""
    labels: str
    """Words, separated by commas."""
    causes: str
    """JSON object, as for a message."""
    sources: str = ""
    """Principals, separated by commas."""


class ShadowEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a draft of the policy would have said, where it differs."""

    message: str
    revision: str
    layer: str
    outcome: str
    code: str
    reason: str
    rule: str
    file: str
    line: int


class RecordBatch(msgspec.Struct, frozen=True, array_like=True):
    """What one enforcer judged in one go; published before anything of it is delivered."""

    enforcer: str
    sequence: int
    """Counts an enforcer's batches from 1: a gap is a loss."""
    entries: tuple[MessageEntry, ...]
    instance: str = ""
    """One start of the enforcer: its successor counts from 1 again, so these three together name a batch."""
    approvals: tuple[ApprovalEntry, ...] = ()
    marks: tuple[MarkEntry, ...] = ()
    shadows: tuple[ShadowEntry, ...] = ()


def pack(batch: RecordBatch) -> bytes:
    """Return the batch as MessagePack."""
    return msgspec.msgpack.encode(batch)


def unpack(raw: bytes) -> RecordBatch:
    """Read a batch; raises msgspec.DecodeError or msgspec.ValidationError on anything else."""
    return msgspec.msgpack.decode(raw, type=RecordBatch)


def unpack_marks(raw: bytes) -> list[MarkEntry]:
    """Read what begins with MARKS; raises msgspec.DecodeError or msgspec.ValidationError on anything else."""
    return msgspec.msgpack.decode(raw.removeprefix(MARKS), type=list[MarkEntry])
