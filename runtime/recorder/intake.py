"""The intake: batches that have arrived and are not stored yet, bounded by their bytes."""

import threading
from collections import deque
from typing import Final

from lictor.protocols.envelope import Packet

_MOST_BYTES: Final = 64 * 1024 * 1024
_MOST_AT_ONCE: Final = 8 * 1024 * 1024


class Intake:
    """A queue from the bus's thread to the writer's, taken in groups."""

    def __init__(self, most_bytes: int = _MOST_BYTES, at_once: int = _MOST_AT_ONCE) -> None:
        self._most_bytes = most_bytes
        self._at_once = at_once
        self._packets: deque[Packet] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, packet: Packet) -> bool:
        """Take a packet in; False when there is no room or the intake is closed: its sender will send it again."""
        with self._changed:
            if self._closed or (self._packets and self._bytes + len(packet.body) > self._most_bytes):
                return False
            self._packets.append(packet)
            self._bytes += len(packet.body)
            self._changed.notify()
            return True

    def take(self) -> list[Packet]:
        """Wait for packets and return what has arrived, up to 8 MiB at once; nothing once closed and empty."""
        taken: list[Packet] = []
        size = 0
        with self._changed:
            while not self._packets and not self._closed:
                self._changed.wait()
            while self._packets and (not taken or size + len(self._packets[0].body) <= self._at_once):
                packet = self._packets.popleft()
                size += len(packet.body)
                taken.append(packet)
            self._bytes -= size
        return taken

    def close(self) -> None:
        """Take nothing more in; what is there can still be taken out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
