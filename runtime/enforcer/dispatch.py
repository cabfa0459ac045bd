"""What becomes of a judged message: it is recorded, told to the witnesses, and delivered, done or refused."""

from collections.abc import Callable
from typing import Final

import msgspec

from lictor.guardrails.catalog import ToolCatalog
from lictor.guardrails.judged import Judged
from lictor.guardrails.labels import NO_LABELS, UNMARKED, Mark
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.verdict import Judgement, Outcome
from lictor.protocols.a2a.taint import add_taint
from lictor.protocols.envelope import Envelope, Packet
from lictor.protocols.identifiers import IdMaker
from lictor.protocols.record import MessageEntry
from lictor.protocols.subjects import Kind, Outbox, reply_address
from lictor.runtime.enforcer.entries import Author, describe, describe_unanswered
from lictor.runtime.enforcer.faculties import Faculties
from lictor.runtime.enforcer.fulfil import Fulfilled, conceal
from lictor.runtime.enforcer.operating import operate
from lictor.runtime.enforcer.packets import delivery, lost, refusal
from lictor.runtime.enforcer.pending import PendingTable
from lictor.runtime.enforcer.turn import Turn

_HOLD: Final = Outcome.HOLD

_A2A: Final = Kind.A2A
_EVENT: Final = Kind.EVENT
_MCP: Final = Kind.MCP

_TOKEN: Final = 12
_OUTSIDE: Final = "ext-"


class Settled(msgspec.Struct, frozen=True, gc=False):
    """One message after it was judged."""

    envelope: Envelope
    about: Circumstances
    judgement: Judgement
    done: Fulfilled | None
    """How it is delivered; None when it is not."""
    size: int
    """Bytes of the body as it was sent."""
    cost_us: float
    """Time from receipt to judgement, in microseconds."""
    hops: int
    approval: str = ""
    """Id of the approval that it waits for, or waited for."""


class Dispatch:
    """Keeps what waits for an answer; `name` is the enforcer's name, `revision` tells the bundle that judges."""

    def __init__(
        self,
        name: str,
        ledger: TaskLedger,
        catalog: ToolCatalog,
        faculties: Faculties,
        *,
        revision: Callable[[], str],
        most_open: int,
    ) -> None:
        self.name = name
        self._ledger = ledger
        self._catalog = catalog
        self._faculties = faculties
        self._revision = revision
        self._bundle, self._written = "", Author(name, "")
        self.pending = PendingTable(most_open)
        self.ids = IdMaker()

    @property
    def author(self) -> Author:
        """Who judges at present, and by which bundle."""
        bundle = self._revision()
        if bundle is not self._bundle:
            self._bundle, self._written = bundle, Author(self.name, bundle)
        return self._written

    def hops(self, envelope: Envelope, request: Envelope | None) -> int:
        """Return how far a message is from who started its task."""
        if request is not None:
            return request.hops
        return self._ledger.hops(envelope.task, envelope.sender) if envelope.task else 1

    def settle(self, it: Settled, turn: Turn) -> None:
        """Record a request, tell the witnesses, and deliver, do or refuse it; who waits for an approval was told."""
        envelope, mark, judgement = self._note(it, turn)
        if not judgement.passes:
            if envelope.reply_to and judgement.outcome is not _HOLD:
                turn.out.append(refusal(envelope.reply_to, envelope.id, judgement))
        elif envelope.target == self.name and envelope.kind is _MCP:
            operate(self.author, self._faculties.operations, envelope, it.about.action, turn)
        else:
            if envelope.task:
                self._ledger.reach(envelope.task, envelope.target, it.hops)
            turn.out.append(self.deliver(envelope, it.hops, it.about.action.method, turn.now, mark))

    def settle_answer(self, it: Settled, request: Envelope, method: str, turn: Turn) -> None:
        """Record an answer, tell the witnesses, and pass it or a refusal to who waits."""
        envelope, mark, judgement = self._note(it, turn)
        if judgement.passes and request.kind is _MCP and method == "tools/list":
            self._catalog.learn(envelope.sender, envelope.body)
        if not request.reply_to or judgement.outcome is _HOLD:
            return
        if judgement.passes:
            if mark.labels is not NO_LABELS and request.kind is _A2A and request.sender.startswith(_OUTSIDE):
                tainted = add_taint(envelope.body, mark.labels.words())
                envelope = msgspec.structs.replace(envelope, body=tainted)
            turn.out.append(delivery(request.reply_to, envelope, request.hops, labels=mark.labels.text()))
        else:
            turn.out.append(refusal(request.reply_to, envelope.id, judgement))

    def deliver(self, envelope: Envelope, hops: int, method: str, now: float, mark: Mark = UNMARKED) -> Packet:
        """Return the packet that brings a request to its target; its answer is waited for from now on."""
        reply = ""
        if envelope.kind is not _EVENT:
            token = self.ids.draw(_TOKEN)
            self.pending.keep(token, envelope, method, now)
            reply = reply_address(envelope.target, self.name, token)
        subject = f"lictor.in.{envelope.target}.{envelope.kind._value_}.{envelope.sender}"
        return delivery(subject, envelope, hops, reply, labels=mark.labels.text())

    def note_absence(self, address: Outbox, turn: Turn) -> None:
        """Tell who waits that nobody listens where its message was delivered."""
        gone = self.pending.take(address.target, address.sender)
        if gone is not None:
            if gone.request.sender != self.name:  # a tool server that is not up yet lists its tools when it is asked
                turn.entries.append(self.unanswered(gone.request, "lost", "is not there", turn.now))
            if gone.request.reply_to:
                turn.out.append(lost(gone.request))

    def unanswered(self, request: Envelope, outcome: str, reason: str, now: float) -> MessageEntry:
        """Return the entry of an answer that will never come."""
        return describe_unanswered(self.author, request, outcome, reason, now)

    def _note(self, it: Settled, turn: Turn) -> tuple[Envelope, Mark, Judgement]:
        """Tell witnesses and record; return the message and its labels as they are delivered, and what came of it."""
        envelope, about, sealed, digest = it.envelope, it.about, b"", ""
        if it.done is not None:
            envelope, sealed, digest = it.done.envelope, it.done.sealed, it.done.digest
            if it.done.mark is not about.mark:
                about = msgspec.structs.replace(about, mark=it.done.mark)
        judgement = it.judgement
        judged = Judged(envelope, about, judgement)
        for witness in self._faculties.witnesses:
            verdict = witness(judged)
            if verdict is not None:
                judgement = judgement.joined(verdict)
        recorded = envelope
        if not judgement.passes:
            hidden = conceal(envelope, judgement, self._faculties.redact)
            if hidden is not None:
                recorded, sealed, digest = hidden.envelope, hidden.sealed, hidden.digest
        entry = describe(
            self.author,
            recorded,
            about.action,
            judgement,
            turn.now,
            hops=it.hops,
            size=it.size,
            cost_us=it.cost_us,
            mark=about.mark,
            approval=it.approval,
            sealed=sealed,
            digest=digest,
        )
        turn.entries.append(entry)
        return envelope, about.mark, judgement
