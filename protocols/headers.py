"""Headers of a message on the bus: a small fixed set, read and written as NATS header blocks."""

from collections.abc import Mapping
from typing import Final

from lictor.protocols.errors import MalformedEnvelope

MESSAGE: Final = "Lictor-Message"
TASK: Final = "Lictor-Task"
CONTEXT: Final = "Lictor-Context"
PARENT: Final = "Lictor-Parent"
STEP: Final = "Lictor-Step"
HOPS: Final = "Lictor-Hops"
DEADLINE: Final = "Lictor-Deadline"
TRACE: Final = "traceparent"
CONTENT_TYPE: Final = "Content-Type"
END: Final = "Lictor-End"

LABELS: Final = "Lictor-Labels"
VERDICT: Final = "Lictor-Verdict"
REFUSED: Final = "Lictor-Refused"
LOST: Final = "Lictor-Lost"
HELD: Final = "Lictor-Held"

CLAIMABLE: Final = frozenset({MESSAGE, TASK, CONTEXT, PARENT, STEP, HOPS, DEADLINE, TRACE, CONTENT_TYPE, END})
"""What a principal may say; anything else it sends is stripped."""

ENFORCED: Final = frozenset({LABELS, VERDICT, REFUSED, LOST, HELD})
"""What the enforcer alone writes."""

_PREAMBLE: Final = b"NATS/1.0"


def read_headers(block: bytes, *, most: int = 32, longest: int = 4096) -> dict[str, str]:
    """Read a NATS header block into a dict; a status line is kept under the key `""`.

    Raises MalformedEnvelope when the block is no header block, has more than `most` headers, a repeated
    header, a line longer than `longest` bytes, or a character outside printable ASCII.
    """
    if not block:
        return {}
    if not block.startswith(_PREAMBLE) or not block.endswith(b"\r\n\r\n"):
        raise MalformedEnvelope("the header block does not follow NATS/1.0")
    if not block.isascii():
        raise MalformedEnvelope("a header holds a character outside ASCII")
    lines = block[:-4].decode("ascii").split("\r\n")
    if len(lines) - 1 > most:
        raise MalformedEnvelope(f"{len(lines) - 1} headers; the limit is {most}")
    if not "".join(lines).isprintable() or (len(block) > longest and max(map(len, lines)) > longest):
        raise MalformedEnvelope("a header line is malformed or too long")
    pairs = [line.partition(":") for line in lines[1:]]
    headers = {name: value.strip() for name, colon, value in pairs if colon and name}
    if len(headers) != len(pairs):
        _explain(pairs)
    status = lines[0][8:].strip()
    if status:
        headers[""] = status
    return headers


def _explain(pairs: list[tuple[str, str, str]]) -> None:
    """Raise MalformedEnvelope for the header that made the others fewer than the lines."""
    seen: set[str] = set()
    for name, colon, _ in pairs:
        if not colon or not name:
            raise MalformedEnvelope("a header line is malformed or too long")
        if name in seen:
            raise MalformedEnvelope(f"header {name!r} is given twice")
        seen.add(name)


def write_headers(headers: Mapping[str, str]) -> bytes:
    """Write a NATS header block; raises MalformedEnvelope on a name or value that would break it."""
    parts = ["NATS/1.0\r\n"]
    for name, value in headers.items():
        if not (name.isascii() and name.isprintable() and value.isascii() and (value.isprintable() or not value)):
            raise MalformedEnvelope(f"header {name[:40]!r} holds a character outside printable ASCII")
        parts.append(f"{name}: {value}\r\n")
    parts.append("\r\n")
    return "".join(parts).encode("ascii")
