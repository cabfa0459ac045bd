"""The journal: batches of verdicts on their way to the record, kept until it has acknowledged them."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from lictor.protocols.envelope import Packet
from lictor.protocols.identifiers import new_id
from lictor.protocols.record import ApprovalEntry, MarkEntry, MessageEntry, RecordBatch, ShadowEntry, pack, unpack
from lictor.protocols.subjects import reply_prefix

_LARGEST_BATCH: Final = 600_000
_ENTRY: Final = 4096
_RESEND_AT_ONCE: Final = 4_000_000
_UNSTORABLE: Final = re.compile(rb"error: batch (\d{1,18}) cannot be stored")


class Notes(msgspec.Struct, frozen=True, gc=False):
    """What the record is told beside messages."""

    approvals: tuple[ApprovalEntry, ...] = ()
    marks: tuple[MarkEntry, ...] = ()
    shadows: tuple[ShadowEntry, ...] = ()


NO_NOTES: Final = Notes()


class _Kept(msgspec.Struct):
    packet: Packet
    first: float
    """Unix time at which it was made."""
    sent: float
    """Unix time at which it was last sent; 0 when it never was."""
    reduced: bool = False


class Journal:
    """Makes, keeps and repeats batches. While it has an obstacle, nothing may pass.

    `most` is how many bytes may wait to be acknowledged, `patience` how many seconds an acknowledgement may take,
    `again` after how many seconds a batch is sent again. Times are Unix seconds.
    """

    def __init__(self, enforcer: str, *, most: int = 64_000_000, patience: float = 5.0, again: float = 2.0) -> None:
        self._enforcer = enforcer
        self._instance = new_id()
        self._subject = f"lictor.record.{enforcer}"
        self.reply = f"{reply_prefix(enforcer)}.record"
        """Subject on which the record acknowledges."""
        self._most = most
        self._patience = patience
        self._again = again
        self._kept: dict[int, _Kept] = {}
        self._bytes = 0
        self._sequence = 0
        self._failure = ""
        self.dropped = 0
        """Entries of refused messages that were not kept, because too much waited already."""

    def __len__(self) -> int:
        return len(self._kept)

    def obstacle(self, now: float) -> str:
        """Return why the record takes nothing at present; empty while it does."""
        if self._failure:
            return self._failure
        if self._bytes > self._most:
            return "too many verdicts wait to be stored"
        for kept in self._kept.values():
            if now - kept.first > self._patience:
                return f"it has stored nothing for {self._patience:g} s"
            break
        return ""

    def begin(self, now: float) -> list[Packet]:
        """Hold everything up until the record has answered for the first time; return the batch that asks it."""
        self._failure = "it has not answered yet"
        return [self._keep((), now, now)]

    def write(self, entries: Sequence[MessageEntry], now: float, notes: Notes = NO_NOTES) -> list[Packet]:
        """Keep entries; return the batches to be sent ahead of what they cover, none while the record takes nothing."""
        if self._bytes > self._most:
            self.dropped += len(entries)
            return []
        sent = 0.0 if self._failure else now
        parts = _split(entries)
        packets = [self._keep(part, now, sent, notes if part is parts[0] else NO_NOTES) for part in parts]
        return [] if self._failure else packets

    def acknowledge(self, answer: bytes, now: float) -> list[Packet]:
        """Take the record's answer: a sequence number, or `error: …` for what it can never store."""
        if not answer.isdigit() or len(answer) > 18:
            unstorable = _UNSTORABLE.match(answer)
            return self._reduce(int(unstorable[1]), now) if unstorable else []
        kept = self._kept.pop(int(answer), None)
        if kept is None:
            return []
        self._bytes -= len(kept.packet.body)
        if not self._failure:
            return []
        self._failure = ""
        return self._repeat(now, now)

    def refuse(self) -> None:
        """Note that there is no recorder."""
        self._failure = "no recorder is running"

    def due(self, now: float) -> list[Packet]:
        """Return what is to be sent again by now; with an obstacle, one batch to ask whether it is gone."""
        if not self._failure:
            return self._repeat(now, now - self._again)
        for kept in self._kept.values():
            if now - kept.sent < self._again / 2:
                return []
            kept.sent = now
            return [kept.packet]
        return [self._keep((), now, now)]

    def _keep(self, entries: Sequence[MessageEntry], now: float, sent: float, notes: Notes = NO_NOTES) -> Packet:
        self._sequence += 1
        batch = RecordBatch(
            self._enforcer,
            self._sequence,
            tuple(entries),
            self._instance,
            notes.approvals,
            notes.marks,
            notes.shadows,
        )
        body = pack(batch)
        packet = Packet(self._subject, body, b"", self.reply)
        self._kept[self._sequence] = _Kept(packet, now, sent)
        self._bytes += len(body)
        return packet

    def _repeat(self, now: float, before: float) -> list[Packet]:
        packets = []
        size = 0
        for kept in self._kept.values():
            if size > _RESEND_AT_ONCE:
                break
            if kept.sent > before:
                continue
            kept.sent = now
            size += len(kept.packet.body)
            packets.append(kept.packet)
        return packets

    def _reduce(self, sequence: int, now: float) -> list[Packet]:
        """Send what cannot be stored once more without content: one odd message must not stop the record."""
        kept = self._kept.get(sequence)
        if kept is None:
            return []
        self._bytes -= len(kept.packet.body)
        if kept.reduced:
            del self._kept[sequence]
            self.dropped += len(unpack(kept.packet.body).entries)
            return []
        batch = unpack(kept.packet.body)
        entries = tuple(_without_content(entry) for entry in batch.entries)
        body = pack(msgspec.structs.replace(batch, entries=entries))
        packet = Packet(self._subject, body, b"", self.reply)
        self._kept[sequence] = _Kept(packet, kept.first, now, reduced=True)
        self._bytes += len(body)
        return [packet]


def _split(entries: Sequence[MessageEntry]) -> list[Sequence[MessageEntry]]:
    if sum([len(entry.body) for entry in entries]) + _ENTRY * len(entries) <= _LARGEST_BATCH:
        return [entries]
    parts: list[Sequence[MessageEntry]] = []
    part: list[MessageEntry] = []
    size = 0
    for entry in entries:
        weight = len(entry.body) + _ENTRY
        if part and size + weight > _LARGEST_BATCH:
            parts.append(part)
            part, size = [], 0
        part.append(entry)
        size += weight
    parts.append(part)
    return parts


def _without_content(entry: MessageEntry) -> MessageEntry:
    plain = {
        name: "".join(sign for sign in getattr(entry, name) if " " <= sign <= "~")[:128]
        for name in ("task", "context", "parent", "step", "trace", "content_type", "method")
    }
    return msgspec.structs.replace(entry, body=b"", **plain)
