"""The enforcer's core, without I/O: a packet from an outbox in, what is to be published out.

Everything that is published for a batch begins with its record, so that on one connection the broker holds the
verdict before it holds the delivery: whatever dies, nothing was delivered without a recorded verdict.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from os import urandom
from time import perf_counter_ns
from typing import Final

from lictor.guardrails.action import Action, read_action
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances, Layer
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.pipeline import judge
from lictor.guardrails.verdict import Judgement, Outcome, Verdict, denial
from lictor.protocols.envelope import Envelope, Limits, Packet, open_packet
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.identifiers import new_id
from lictor.protocols.record import MessageEntry
from lictor.protocols.subjects import FLOODS, Kind, Outbox, parse_outbox, reply_address
from lictor.runtime.enforcer.entries import Author, describe, describe_flood, describe_unanswered, describe_unread
from lictor.runtime.enforcer.gate import Gate
from lictor.runtime.enforcer.journal import Journal
from lictor.runtime.enforcer.packets import delivery, is_own_inbox, listing, lost, refusal, started
from lictor.runtime.enforcer.pending import Pending, PendingTable

_STATUS_NO_RESPONDERS: Final = b"NATS/1.0 503"
_FOREIGN: Final = "its reply subject lies outside its sender's own inbox"


class Mediation:
    """Judges packets one after the other. One instance, one thread; `name` is the enforcer's name on the bus.

    `catalog` is fed with the listings of tools that pass; `revision` names the bundle in the record.
    """

    def __init__(
        self,
        name: str,
        layers: Sequence[Layer],
        ledger: TaskLedger,
        *,
        revision: str,
        catalog: ToolCatalog | None = None,
        journal: Journal | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
        most_open: int = 1000,
        gate: Gate | None = None,
    ) -> None:
        self.name = name
        self._layers = layers
        self._ledger = ledger
        self._author = Author(name, revision)
        self._catalog = catalog or ToolCatalog()
        self._journal = journal or Journal(name)
        self._limits = limits or Limits()
        self._clock = clock
        self._pending = PendingTable(most_open)
        self._gate = gate or Gate()

    @property
    def record_reply(self) -> str:
        """Subject on which the record acknowledges batches."""
        return self._journal.reply

    @property
    def obstacle(self) -> str:
        """Why the record takes no entries; empty while it does. While it is not, nothing passes."""
        return self._journal.obstacle(self._clock())

    @property
    def dropped(self) -> int:
        """Verdicts on refused messages that were not kept, because too much waited to be stored already."""
        return self._journal.dropped

    def receive(self, packet: Packet) -> list[Packet]:
        """Judge one packet."""
        return self.receive_all((packet,))

    def receive_all(self, packets: Iterable[Packet]) -> list[Packet]:
        """Judge packets in order; what is returned begins with their record."""
        now = self._clock()
        turn = _Turn(now, self._journal.obstacle(now))
        out, entries = turn.out, turn.entries
        for packet in packets:
            if not self._is_read(packet, now):
                continue
            written, noted = len(out), len(entries)
            try:
                self._receive(packet, turn)
            except Exception as error:
                del out[written:], entries[noted:]
                reason = f"the enforcer failed on it: {type(error).__name__}: {error}"
                self._refuse_unread(packet, self._pending_of(packet), "identify.failed", reason, turn)
        return [*self._journal.write(entries, now), *out] if entries else out

    def begin(self) -> list[Packet]:
        """Hold everything up until the record has answered; return what asks it to."""
        return self._journal.begin(self._clock())

    def acknowledge(self, packets: Iterable[Packet]) -> list[Packet]:
        """Take what arrives on `record_reply`: the record's answers, or the broker's word that there is no recorder."""
        now = self._clock()
        again: list[Packet] = []
        for packet in packets:
            if packet.headers.startswith(_STATUS_NO_RESPONDERS):
                self._journal.refuse()
            else:
                again += self._journal.acknowledge(packet.body, now)
        return again

    def lose(self, principal: str) -> list[Packet]:
        """Answer everyone who waits for a principal that is gone."""
        now = self._clock()
        gone = [pending.request for pending in self._pending.take_of(principal)]
        if not gone:
            return []
        entries = [self._unanswered(request, "lost", "went away before it answered", now) for request in gone]
        return [*self._journal.write(entries, now), *[lost(request) for request in gone if request.reply_to]]

    def tick(self) -> list[Packet]:
        """Forget requests that nobody waits for any more, and repeat what the record has not acknowledged.

        To be called about twice a second.
        """
        now = self._clock()
        late = self._pending.take_late(now)
        entries = [self._unanswered(item.request, "expired", "was not answered in time", now) for item in late]
        entries += [
            describe_flood(self._author, sender, count, f"{self._gate.most:g} in {self._gate.period:g} s", now)
            for sender, count in self._gate.turned_away().items()
        ]
        told = [Packet(FLOODS, sender.encode()) for sender in self._gate.floods()]
        return [*(self._journal.write(entries, now) if entries else ()), *told, *self._journal.due(now)]

    def announce(self, principals: Iterable[str]) -> list[Packet]:
        """Tell every principal that this enforcer has started: what waited for its predecessor fails at once."""
        now = self._clock()
        return [started(self.name, principal, now) for principal in principals]

    def ask_tools(self, servers: Iterable[str]) -> list[Packet]:
        """Ask tool servers for their tools, so that what was known of them before a restart is known again."""
        now = self._clock()
        return [self._deliver(listing(self.name, server, now), 1, "tools/list", now) for server in servers]

    def _is_read(self, packet: Packet, now: float) -> bool:
        """Tell whether a packet is looked at: always when it answers what was asked, else as far as its sender may."""
        tokens = packet.subject.split(".")
        if len(tokens) == 6 and self._pending.find(tokens[5], tokens[2]) is not None:
            return True
        return self._gate.takes(tokens[2] if len(tokens) > 2 else "", len(packet.body), now)

    def _receive(self, packet: Packet, turn: "_Turn") -> None:
        began = perf_counter_ns()
        pending: Pending | None = None
        try:
            address = parse_outbox(packet.subject)
            if address.kind is Kind.REPLY:
                if packet.headers.startswith(_STATUS_NO_RESPONDERS):
                    self._note_absence(address, turn)
                    return
                pending = self._asked(address)
                envelope = open_packet(packet, address, self._limits, pending.request, new_id(turn.now))
            else:
                if packet.reply and not is_own_inbox(packet.reply, address.sender):
                    raise _Unacceptable("identify.foreign_reply", _FOREIGN)
                envelope = open_packet(packet, address, self._limits)
            action = read_action(envelope)
        except MalformedEnvelope as error:
            code = error.code if isinstance(error, _Unacceptable) else "identify.malformed"
            self._refuse_unread(packet, pending, code, str(error), turn)
            return
        judgement = self._judge(envelope, action, pending, turn)
        hops = pending.request.hops if pending is not None else self._hops(envelope)
        cost = (perf_counter_ns() - began) / 1000
        size = len(packet.body)
        turn.entries.append(
            describe(self._author, envelope, action, judgement, turn.now, hops=hops, size=size, cost_us=cost)
        )
        if pending is not None:
            self._pass_answer(address, envelope, pending, judgement, turn.out)
        elif judgement.passes:
            if envelope.task:
                self._ledger.reach(envelope.task, envelope.target, hops)
            turn.out.append(self._deliver(envelope, hops, action.method, turn.now))
        elif envelope.reply_to:
            turn.out.append(refusal(envelope.reply_to, envelope.id, judgement))

    def _hops(self, envelope: Envelope) -> int:
        return self._ledger.hops(envelope.task, envelope.sender) if envelope.task else 1

    def _asked(self, address: Outbox) -> Pending:
        pending = self._pending.find(address.target, address.sender) if address.enforcer == self.name else None
        if pending is None:
            raise _Unacceptable("identify.unasked", "it answers nothing that its sender was asked and may still answer")
        return pending

    def _judge(self, envelope: Envelope, action: Action, pending: Pending | None, turn: "_Turn") -> Judgement:
        if turn.obstacle:
            return denial("record", "record.unavailable", f"nothing passes, because of the record: {turn.obstacle}")
        if pending is None:
            if self._pending.is_full(envelope.sender):
                reason = f"{self._pending.most} messages of {envelope.sender} wait for an answer already"
                return denial("admit", "admit.unanswered", reason)
            return judge(self._layers, envelope, Circumstances(turn.now, action))
        excess = "" if envelope.end else self._excess(envelope, pending, turn.now)
        if excess:
            return denial("admit", excess, f"{envelope.sender} streams an answer that is too fast or does not end")
        if pending.request.sender == self.name:
            verdict = Verdict("catalog", Outcome.ALLOW, "", "the enforcer asked for it, and it goes to nobody else")
            return Judgement(Outcome.ALLOW, (verdict,), verdict, (0.0,))
        return judge(self._layers, envelope, Circumstances(turn.now, action, pending.request))

    def _excess(self, part: Envelope, pending: Pending, now: float) -> str:
        if not self._gate.takes_part(part.sender, len(part.body), now):
            return "admit.stream_rate"
        return "" if self._pending.grow(pending.request.id, len(part.body)) else "admit.stream_size"

    def _deliver(self, envelope: Envelope, hops: int, method: str, now: float) -> Packet:
        reply = ""
        if envelope.kind is not Kind.EVENT:
            token = urandom(12).hex()
            self._pending.keep(token, envelope, method, now)
            reply = reply_address(envelope.target, self.name, token)
        return delivery(f"lictor.in.{envelope.target}.{envelope.kind.value}.{envelope.sender}", envelope, hops, reply)

    def _pass_answer(
        self, address: Outbox, envelope: Envelope, pending: Pending, judgement: Judgement, out: list[Packet]
    ) -> None:
        request = pending.request
        passes = judgement.passes
        if envelope.end or not passes:
            self._pending.take(address.target, address.sender)
        if passes and request.kind is Kind.MCP and pending.method == "tools/list":
            self._catalog.learn(envelope.sender, envelope.body)
        if not request.reply_to:
            return
        if passes:
            out.append(delivery(request.reply_to, envelope, request.hops))
        else:
            out.append(refusal(request.reply_to, envelope.id, judgement))

    def _note_absence(self, address: Outbox, turn: "_Turn") -> None:
        gone = self._pending.take(address.target, address.sender)
        if gone is not None:
            if gone.request.sender != self.name:  # a tool server that is not up yet lists its tools when it is asked
                turn.entries.append(self._unanswered(gone.request, "lost", "is not there", turn.now))
            if gone.request.reply_to:
                turn.out.append(lost(gone.request))

    def _pending_of(self, packet: Packet) -> Pending | None:
        tokens = packet.subject.split(".")
        is_answer = len(tokens) == 6 and tokens[3] == Kind.REPLY.value
        return self._pending.find(tokens[5], tokens[2]) if is_answer else None

    def _refuse_unread(self, packet: Packet, pending: Pending | None, code: str, reason: str, turn: "_Turn") -> None:
        """Refuse what could not be read; tell the one who waits: of a request its sender, of an answer the asker."""
        judgement = denial("identify", code, reason)
        request = pending.request if pending is not None else None
        entry = describe_unread(self._author, packet, request, judgement, turn.now)
        turn.entries.append(entry)
        tokens = packet.subject.split(".")
        if request is not None:
            self._pending.take(tokens[5], tokens[2])
            if request.reply_to:
                turn.out.append(refusal(request.reply_to, entry.id, judgement))
        elif entry.kind != Kind.REPLY.value and len(tokens) > 2 and is_own_inbox(packet.reply, tokens[2]):
            turn.out.append(refusal(packet.reply, entry.id, judgement))

    def _unanswered(self, request: Envelope, outcome: str, reason: str, now: float) -> MessageEntry:
        return describe_unanswered(self._author, request, outcome, reason, now)


class _Turn:
    """What is done with the packets of one read."""

    __slots__ = ("entries", "now", "obstacle", "out")

    def __init__(self, now: float, obstacle: str) -> None:
        self.now = now
        self.obstacle = obstacle
        self.out: list[Packet] = []
        self.entries: list[MessageEntry] = []


class _Unacceptable(MalformedEnvelope):
    """Raised when a packet is well formed and still none that its sender may send."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
