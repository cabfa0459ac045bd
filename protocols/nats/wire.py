"""The NATS client protocol as bytes: what a read holds, and what a write is. No I/O.

It replaces the client library's parser in the hot path: all whole messages of one read come out together.
"""

from collections.abc import Sequence
from typing import Final

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MalformedEnvelope, ProtocolError

Messages = dict[int, list[Packet]]
"""Packets by subscription id, in the order in which they came."""

_M: Final = ord("M")
_H: Final = ord("H")
_LONGEST_LINE: Final = 1_048_576


class BrokenStream(ProtocolError):
    """Raised when the bytes are not the NATS protocol: the connection is of no more use."""


class WireReader:
    """Cuts the stream of a connection into messages and control lines; keeps what is not whole yet."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []
        self._size = 0
        self._needed = 0

    def feed(self, chunk: bytes) -> tuple[Messages, list[bytes]]:
        """Return the messages and the control lines that are whole now; raises BrokenStream.

        Words of a line are parted by single spaces and nothing else: a subject may hold any other byte, also one
        that counts as white space elsewhere. Bytes of a subject outside UTF-8 become U+FFFD.
        """
        data = chunk
        if self._kept:
            self._kept.append(chunk)
            self._size += len(chunk)
            if self._size < self._needed:
                return {}, []
            data = b"".join(self._kept)
            self._kept = []
        messages: Messages = {}
        controls: list[bytes] = []
        position, end, needed = 0, len(data), 0
        while position < end:
            line_end = data.find(b"\r\n", position)
            if line_end < 0:
                if end - position > _LONGEST_LINE:
                    raise BrokenStream("a line of the server does not end")
                break
            first = data[position]
            if first not in (_M, _H):
                controls.append(data[position:line_end])
                position = line_end + 2
                continue
            words = data[position:line_end].split(b" ")
            body_at = line_end + 2
            try:
                after = body_at + int(words[-1])
                if after + 2 > end:
                    needed = after + 2 - position
                    break
                header_end = body_at + int(words[-2]) if first == _H else body_at
                sid = int(words[2])
            except (ValueError, IndexError):
                raise BrokenStream("a message line of the server cannot be read") from None
            has_reply = len(words) == (6 if first == _H else 5)
            packet = Packet(
                words[1].decode("utf-8", "replace"),
                data[header_end:after],
                data[body_at:header_end],
                words[3].decode("utf-8", "replace") if has_reply else "",
            )
            batch = messages.get(sid)
            if batch is None:
                messages[sid] = [packet]
            else:
                batch.append(packet)
            position = after + 2
        if position < end:
            rest = data[position:]
            self._kept, self._size, self._needed = [rest], len(rest), needed
        return messages, controls


def write_packets(packets: Sequence[Packet], largest: int) -> bytes:
    """Return the bytes that publish the packets, in order.

    Subjects are taken as they are: built by `protocols.subjects`, or read from the bus. Raises MalformedEnvelope
    when headers and body of one have more than `largest` bytes together; the broker would close the connection.
    """
    parts: list[bytes] = []
    for packet in packets:
        headers = len(packet.headers)
        total = headers + len(packet.body)
        if total > largest:
            raise MalformedEnvelope(f"a message on {packet.subject} has {total} bytes; the broker takes {largest}")
        if headers:
            parts.append(f"HPUB {packet.subject} {packet.reply} {headers} {total}\r\n".encode())
            parts.append(packet.headers)
        else:
            parts.append(f"PUB {packet.subject} {packet.reply} {total}\r\n".encode())
        parts.append(packet.body)
        parts.append(b"\r\n")
    return b"".join(parts)


def write_unsubscription(sid: int) -> bytes:
    """Return the bytes that end a subscription."""
    return f"UNSUB {sid}\r\n".encode()


def write_subscription(subject: str, sid: int) -> bytes:
    """Return the bytes that subscribe."""
    return f"SUB {subject} {sid}\r\n".encode()
