"""One group commit: packets in, their answers out, with everything that can be stored stored."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import msgspec

from lictor.protocols.envelope import Packet
from lictor.protocols.record import MARKS, MarkEntry, RecordBatch, unpack
from lictor.runtime.store.failures import StoreUnavailable, Unstorable

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 5.0

_MARKS_AT_ONCE: Final = 200

_log = logging.getLogger(__name__)


T = TypeVar("T")


class BatchWriter(Protocol):
    """The part of the store that a commit needs."""

    def write_batches(self, batches: Sequence[RecordBatch]) -> int:
        """Store batches once; raises StoreUnavailable or Unstorable."""
        ...

    def read_marks(self) -> Sequence[MarkEntry]:
        """Return the labels of whatever outlives an enforcer; raises StoreUnavailable or Unstorable."""
        ...


class GivenUp(Exception):
    """Raised when the recorder closes while the database still fails: nothing was acknowledged."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    batch: RecordBatch
    reply: str


def commit(writer: BatchWriter, packets: Sequence[Packet], hurry: threading.Event) -> list[Packet]:
    """Store the batches in the packets and return their answers: the decimal sequence, or `error: …`.

    Before the answer to an enforcer's first batch, which has no entries, come its marks, so that it knows again what
    its predecessor knew: `marks ` and a MessagePack list of MarkEntry, in as many packets as they need, one at least.

    While the database fails it is tried again and again, with pauses of up to 5 s, and nothing is answered.
    `hurry` ends the pauses: one more try, then GivenUp.
    """
    answers: list[Packet] = []
    arrivals: list[_Arrival] = []
    for packet in packets:
        try:
            arrivals.append(_Arrival(unpack(packet.body), packet.reply))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            _log.error("a batch on %s cannot be read: %s", packet.subject, error)
            answers.append(Packet(packet.reply, f"error: the batch cannot be read: {error}".encode()))
    if arrivals:
        answers += _store(writer, arrivals, hurry)
    return [answer for answer in answers if answer.subject]


def _store(writer: BatchWriter, arrivals: Sequence[_Arrival], hurry: threading.Event) -> list[Packet]:
    try:
        _write(writer, [arrival.batch for arrival in arrivals], hurry)
    except Unstorable as error:
        if len(arrivals) > 1:
            return [answer for arrival in arrivals for answer in _store(writer, [arrival], hurry)]
        batch = arrivals[0].batch
        _log.error("batch %d of %s cannot be stored: %s", batch.sequence, batch.enforcer, error)
        return [Packet(arrivals[0].reply, f"error: batch {batch.sequence} cannot be stored: {error}".encode())]
    return [answer for arrival in arrivals for answer in _answer(writer, arrival, hurry)]


def _answer(writer: BatchWriter, arrival: _Arrival, hurry: threading.Event) -> list[Packet]:
    batch = arrival.batch
    told: list[Packet] = []
    if batch.sequence == 1 and not batch.entries:
        # Without its marks the enforcer would take secrets for public: rather no answer than one without them.
        marks = _try(writer.read_marks, hurry)
        told = [
            Packet(arrival.reply, MARKS + msgspec.msgpack.encode(marks[start : start + _MARKS_AT_ONCE]))
            for start in range(0, max(1, len(marks)), _MARKS_AT_ONCE)
        ]
    return [*told, Packet(arrival.reply, str(batch.sequence).encode())]


def _write(writer: BatchWriter, batches: Sequence[RecordBatch], hurry: threading.Event) -> None:
    _try(lambda: writer.write_batches(batches), hurry)


def _try(step: Callable[[], T], hurry: threading.Event) -> T:
    pause = _FIRST_PAUSE
    failing = False
    while True:
        last = hurry.is_set()
        try:
            result = step()
        except StoreUnavailable as error:
            if last:
                raise GivenUp(str(error)) from error
            if not failing:
                _log.warning("the record cannot be written, so nothing is acknowledged; trying again: %s", error)
            failing = True
            hurry.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            if failing:
                _log.warning("the record can be written again")
            return result
