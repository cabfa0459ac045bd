"""Streamed answers: what is said across two parts is read as one, so that nothing hides in the seam."""

from typing import Final, NamedTuple

import msgspec

from lictor.guardrails.content.canonical import canonicalise
from lictor.protocols.a2a.reading import read_answer
from lictor.protocols.envelope import Envelope
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.subjects import Kind

_TAIL: Final = 512
"""Characters of the parts before that are read again with the next one."""
_HEAD: Final = 4096
"""Characters of this one that are read with them: the rest is scanned as a part."""
_MOST: Final = 1024


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta = msgspec.field(default_factory=_Delta)


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []


_chunk: Final = msgspec.json.Decoder(_Chunk)


class Seam(NamedTuple):
    """Canonical text on both sides of where one part of a stream ends."""

    before: bytes
    whole: bytes


class Streams:
    """Keeps the end of what each stream said; of more than 1024 streams at once the oldest are forgotten."""

    def __init__(self) -> None:
        self._tails: dict[str, str] = {}

    def seam(self, envelope: Envelope) -> Seam | None:
        """Return what the parts before said last, and that with how this one begins; None when nothing went before."""
        before = self._tails.pop(envelope.in_reply_to, "")
        said = _said(envelope)
        whole = before + said
        if not envelope.end and whole:
            self._tails[envelope.in_reply_to] = whole[-_TAIL:]
            if len(self._tails) > _MOST:
                del self._tails[next(iter(self._tails))]
        return Seam(_raw(before), _raw(before + said[:_HEAD])) if before and said else None

    def is_open(self, envelope: Envelope) -> bool:
        """Tell whether an answer is a part of a stream."""
        return not envelope.end or envelope.in_reply_to in self._tails


def _raw(text: str) -> bytes:
    return canonicalise(text).encode("utf-8", "replace")


def _said(envelope: Envelope) -> str:
    try:
        if envelope.request_kind is Kind.A2A:
            return read_answer(envelope.body).text
        return "".join(choice.delta.content or "" for choice in _chunk.decode(envelope.body).choices)
    except (MalformedEnvelope, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
