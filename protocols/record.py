"""What the enforcer tells the recorder: one entry for each message it judged, as MessagePack on the bus."""

import msgspec


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


class RecordBatch(msgspec.Struct, frozen=True, array_like=True):
    """What one enforcer judged in one go; published before anything of it is delivered."""

    enforcer: str
    sequence: int
    """Counts an enforcer's batches from 1: a gap is a loss."""
    entries: tuple[MessageEntry, ...]
    instance: str = ""
    """One start of the enforcer: its successor counts from 1 again, so these three together name a batch."""


def pack(batch: RecordBatch) -> bytes:
    """Return the batch as MessagePack."""
    return msgspec.msgpack.encode(batch)


def unpack(raw: bytes) -> RecordBatch:
    """Read a batch; raises msgspec.DecodeError or msgspec.ValidationError on anything else."""
    return msgspec.msgpack.decode(raw, type=RecordBatch)
