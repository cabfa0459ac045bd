"""The enforcer's core, without I/O: a packet from an outbox in, what is to be published out.

Everything that is published for a batch begins with its record, so that on one connection the broker holds the
verdict before it holds the delivery: whatever dies, nothing was delivered without a recorded verdict.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter_ns
from typing import Final

import msgspec

from lictor.guardrails.action import plain_body, read_action
from lictor.guardrails.approvals.held import Waiting
from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.layer import Circumstances, Layer
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.verdict import Outcome, denial
from lictor.protocols.envelope import Limits, Packet, open_packet
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.record import MARKS, MarkEntry, unpack_marks
from lictor.protocols.subjects import FLOODS, Kind, Outbox, parse_outbox
from lictor.runtime.enforcer.asking import Asking
from lictor.runtime.enforcer.dispatch import Dispatch, Settled
from lictor.runtime.enforcer.entries import describe_flood, describe_unread
from lictor.runtime.enforcer.faculties import Faculties
from lictor.runtime.enforcer.fulfil import attempt
from lictor.runtime.enforcer.gate import Gate
from lictor.runtime.enforcer.holding import Courier, Holding
from lictor.runtime.enforcer.journal import Journal, Notes
from lictor.runtime.enforcer.packets import is_own_inbox, listing, lost, refusal, started
from lictor.runtime.enforcer.pending import Pending, PendingTable
from lictor.runtime.enforcer.release import Release
from lictor.runtime.enforcer.turn import Turn

_MCP: Final = Kind.MCP
_REPLY: Final = Kind.REPLY

_STATUS_NO_RESPONDERS: Final = b"NATS/1.0 503"
_SENDER_AT: Final = len("lictor.out.")
_FOREIGN: Final = "its reply subject lies outside its sender's own inbox"


class Mediation:
    """Judges packets one after the other. One instance, one thread; `name` is the enforcer's name on the bus.

    `catalog` is fed with the listings of tools that pass; `revision` tells the bundle for the record. `holding` makes
    what keeps messages that wait for a person; without it they are denied.
    """

    def __init__(
        self,
        name: str,
        layers: Sequence[Layer],
        ledger: TaskLedger,
        *,
        revision: Callable[[], str],
        faculties: Faculties | None = None,
        catalog: ToolCatalog | None = None,
        journal: Journal | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
        most_open: int = 1000,
        gate: Gate | None = None,
        holding: Callable[[Courier, PendingTable], Holding] | None = None,
    ) -> None:
        self.name = name
        self._faculties = faculties or Faculties()
        self._journal = journal or Journal(name)
        self._limits = limits or Limits()
        self._clock = clock
        self._gate = gate or Gate()
        self._dispatch = Dispatch(
            name, ledger, catalog or ToolCatalog(), self._faculties, revision=revision, most_open=most_open
        )
        self._holding: Holding | None = None
        if holding is not None:
            courier = Release(layers, self._dispatch, self._faculties.redact)
            self._holding = holding(courier, self._dispatch.pending)
        self._asking = Asking(name, layers, self._dispatch.pending, self._gate, self._holding)

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
        turn = Turn(now, self._journal.obstacle(now))
        for packet in packets:
            if not self._is_read(packet, now):
                continue
            before = turn.mark()
            try:
                self._receive(packet, turn)
            except Exception as error:
                turn.undo(before)
                reason = f"the enforcer failed on it: {type(error).__name__}: {error}"
                self._refuse_unread(packet, self._pending_of(packet), "identify.failed", reason, turn)
        return self._publish(turn)

    def _publish(self, turn: Turn) -> list[Packet]:
        """Return what is published in a turn, its record first."""
        marks = self._faculties.marks()
        if not (turn.entries or turn.approvals or marks):
            return turn.out
        return [*self._journal.write(turn.entries, turn.now, Notes(tuple(turn.approvals), marks)), *turn.out]

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
            elif packet.body.startswith(MARKS):
                self.restore(unpack_marks(packet.body))
            else:
                again += self._journal.acknowledge(packet.body, now)
        return again

    def restore(self, marks: Sequence[MarkEntry]) -> None:
        """Take over what is known from before this enforcer's start; without it nothing is known to be clean."""
        self._faculties.restore(marks)

    def lose(self, principal: str) -> list[Packet]:
        """Answer everyone who waits for a principal that is gone."""
        turn = Turn(self._clock())
        self._faculties.replaced(principal)
        if self._holding is not None:
            self._holding.lose(principal, turn)
        for request in [pending.request for pending in self._dispatch.pending.take_of(principal)]:
            turn.entries.append(self._dispatch.unanswered(request, "lost", "went away before it answered", turn.now))
            if request.reply_to:
                turn.out.append(lost(request))
        return self._publish(turn)

    def tick(self) -> list[Packet]:
        """Forget requests that nobody waits for any more, and repeat what the record has not acknowledged.

        To be called about twice a second.
        """
        turn = Turn(self._clock())
        for tick in self._faculties.ticks:
            tick(turn.now)
        if self._holding is not None:
            self._holding.tick(turn)
        for item in self._dispatch.pending.take_late(turn.now):
            turn.entries.append(
                self._dispatch.unanswered(item.request, "expired", "was not answered in time", turn.now)
            )
        limit = f"{self._gate.most:g} in {self._gate.period:g} s"
        for sender, count in self._gate.turned_away().items():
            turn.entries.append(describe_flood(self._dispatch.author, sender, count, limit, turn.now))
        turn.out += [Packet(FLOODS, sender.encode()) for sender in self._gate.floods()]
        return [*self._publish(turn), *self._journal.due(turn.now)]

    @property
    def reflects(self) -> bool:
        """Whether a draft of the policy has anything to look at."""
        return self._faculties.reflects()

    def reflect(self) -> list[Packet]:
        """Let a draft of the policy look at what has passed, for a moment; to be called while nothing else waits."""
        shadows = self._faculties.shadows()
        return self._journal.write((), self._clock(), Notes(shadows=shadows)) if shadows else []

    def stop(self) -> list[Packet]:
        """Deny what waits for a person, because the enforcer stops; return what is to be published last."""
        turn = Turn(self._clock())
        if self._holding is not None:
            self._holding.close(turn)
        return self._publish(turn)

    @property
    def holding(self) -> Holding | None:
        """What waits for a person."""
        return self._holding

    def announce(self, principals: Iterable[str]) -> list[Packet]:
        """Tell every principal that this enforcer has started: what waited for its predecessor fails at once."""
        now = self._clock()
        return [started(self.name, principal, now) for principal in principals]

    def ask_tools(self, servers: Iterable[str]) -> list[Packet]:
        """Ask tool servers for their tools, so that what was known of them before a restart is known again."""
        now = self._clock()
        return [self._dispatch.deliver(listing(self.name, server, now), 1, "tools/list", now) for server in servers]

    def _is_read(self, packet: Packet, now: float) -> bool:
        """Tell whether a packet is looked at: always when it answers what was asked, else as far as its sender may."""
        subject = packet.subject
        sender = subject[_SENDER_AT : subject.find(".", _SENDER_AT)]
        before, _, token = subject.rpartition(".")
        if (
            before == f"lictor.out.{sender}.reply.{self.name}"
            and self._dispatch.pending.find(token, sender) is not None
        ):
            return True
        return self._gate.takes(sender, len(packet.body), now)

    def _receive(self, packet: Packet, turn: Turn) -> None:
        began = perf_counter_ns()
        pending: Pending | None = None
        try:
            address = parse_outbox(packet.subject)
            if address.kind is _REPLY:
                if packet.headers.startswith(_STATUS_NO_RESPONDERS):
                    self._dispatch.note_absence(address, turn)
                    return
                pending = self._asked(address)
                envelope = open_packet(
                    packet, address, self._limits, pending.request, self._dispatch.ids.make(turn.now)
                )
            else:
                if packet.reply and not is_own_inbox(packet.reply, address.sender):
                    raise _Unacceptable("identify.foreign_reply", _FOREIGN)
                envelope = open_packet(packet, address, self._limits)
            action = read_action(envelope)
            if envelope.kind is _MCP:
                envelope = msgspec.structs.replace(envelope, body=plain_body(envelope, action))
        except MalformedEnvelope as error:
            code = error.code if isinstance(error, _Unacceptable) else "identify.malformed"
            self._refuse_unread(packet, pending, code, str(error), turn)
            return
        request = pending.request if pending is not None else None
        mark = self._faculties.mark_of(envelope, request)
        conduct = self._faculties.conduct_of(envelope.sender, turn.now)
        about = Circumstances(turn.now, action, request, mark, conduct)
        judgement = self._asking.judge(envelope, about, pending, turn)
        envelope, judgement = self._asking.redirect(envelope, about, judgement)
        hops, approval = self._dispatch.hops(envelope, request), ""
        if judgement.outcome is Outcome.HOLD:
            method = pending.method if pending is not None else ""
            judgement, approval = self._asking.hold(Waiting(envelope, about, judgement, hops, method), turn)
        judgement, done = attempt(envelope, mark, judgement, self._faculties.redact)
        cost = (perf_counter_ns() - began) / 1000
        settled = Settled(envelope, about, judgement, done, len(packet.body), cost, hops, approval)
        if pending is None:
            self._dispatch.settle(settled, turn)
            return
        if envelope.end or done is None:
            self._dispatch.pending.take(address.target, address.sender)
        self._dispatch.settle_answer(settled, pending.request, pending.method, turn)

    def _asked(self, address: Outbox) -> Pending:
        pending = self._dispatch.pending.find(address.target, address.sender) if address.enforcer == self.name else None
        if pending is None:
            raise _Unacceptable("identify.unasked", "it answers nothing that its sender was asked and may still answer")
        return pending

    def _pending_of(self, packet: Packet) -> Pending | None:
        tokens = packet.subject.split(".")
        is_answer = len(tokens) == 6 and tokens[3] == _REPLY.value
        return self._dispatch.pending.find(tokens[5], tokens[2]) if is_answer else None

    def _refuse_unread(self, packet: Packet, pending: Pending | None, code: str, reason: str, turn: Turn) -> None:
        """Refuse what could not be read; tell the one who waits: of a request its sender, of an answer the asker."""
        judgement = denial("identify", code, reason)
        request = pending.request if pending is not None else None
        entry = describe_unread(self._dispatch.author, packet, request, judgement, turn.now)
        turn.entries.append(entry)
        tokens = packet.subject.split(".")
        if request is not None:
            self._dispatch.pending.take(tokens[5], tokens[2])
            if request.reply_to:
                turn.out.append(refusal(request.reply_to, entry.id, judgement))
        elif entry.kind != _REPLY.value and len(tokens) > 2 and is_own_inbox(packet.reply, tokens[2]):
            turn.out.append(refusal(packet.reply, entry.id, judgement))


class _Unacceptable(MalformedEnvelope):
    """Raised when a packet is well formed and still none that its sender may send."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
