"""Holding: messages that wait for a person, everyone who waits with them, and what becomes of both.

While a message is held, time stands still for its sender and for every request of its task that cannot be answered
before the sender goes on: each of them is told, so that none gives up, and the task's own time does not run.
Mediation calls `hold`, `tick`, `lose` and `close`; operators reach `approve` and `deny` through their operations.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

from lictor.guardrails.action import read_action
from lictor.guardrails.approvals.asks import told, unseen
from lictor.guardrails.approvals.digest import Ambiguous, canonical, deed_of, with_arguments
from lictor.guardrails.approvals.held import Held, Waiting
from lictor.guardrails.approvals.objection import agreed, objected, require_holdable
from lictor.guardrails.approvals.right import ApprovalRight
from lictor.guardrails.approvals.table import ApprovalTable, NotHeld, Undecided
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.held import HeldNotice
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.holding_entries import describe_approval, edit_note, notice_for, notice_of
from lictor.runtime.enforcer.operations.operation import OperationFailed
from lictor.runtime.enforcer.packets import held as held_packet
from lictor.runtime.enforcer.pending import PendingTable
from lictor.runtime.enforcer.turn import Turn

_LONGEST_NOTE: Final = 500
_TOLD_ASKS: Final = 5


class Courier(Protocol):
    """What holding needs of the mediation."""

    def prepare(self, waiting: Waiting) -> Waiting:
        """Return a message as it would be delivered, redacted; raises when that cannot be done."""
        ...

    def judge_again(self, waiting: Waiting, now: float, seen: Sequence[Verdict], *, edited: bool) -> Judgement:
        """Ask the layers from route on about a message that a person has approved: what they saw asked is met."""
        ...

    def settle(self, waiting: Waiting, judgement: Judgement, approval: str, turn: Turn) -> None:
        """Record a message that waits no longer, and deliver it under its own id, or refuse it."""
        ...


class Holding:
    """Keeps what waits; one instance for each enforcer."""

    def __init__(
        self,
        table: ApprovalTable,
        pending: PendingTable,
        ledger: TaskLedger,
        right: ApprovalRight,
        courier: Courier,
    ) -> None:
        self.table = table
        self._pending = pending
        self._ledger = ledger
        self._right = right
        self._courier = courier
        self._stopped: dict[str, set[str]] = {}

    def hold(self, waiting: Waiting, turn: Turn) -> tuple[Judgement, str]:
        """Have a message wait, and tell everyone who waits for it.

        Returns its judgement and the id of its approval, or the judgement that denies it, and nothing.
        """
        judgement = waiting.judgement
        try:
            require_holdable(waiting)
            waiting = self._prepared(waiting)
            deed = deed_of(waiting.envelope, waiting.about.action)
            held = self.table.hold(waiting, deed, turn.now)
        except NotHeld as error:
            return objected(judgement, error.code, str(error)), ""
        except Ambiguous as error:
            return objected(judgement, "approval.ambiguous", f"it cannot be approved: {error}"), ""
        self._stop(held, waiting, turn)
        if len(held.messages) == 1:
            turn.approvals.append(describe_approval(held, "pending", turn.now))
        return judgement, held.id

    def shown(self, approval: str, now: float) -> Waiting:
        """Return the message of one that waits as people are shown it: redacted, if the policy obliges to that."""
        return self._find(approval, None, now).latest

    def approve(
        self,
        identifier: str,
        digest: str,
        approver: str,
        turn: Turn,
        *,
        arguments: object = msgspec.UNSET,
        note: str = "",
    ) -> dict[str, Any]:
        """Approve what waits, as it is or with other arguments; return what came of it.

        Raises OperationFailed, and nothing has changed then: when it waits no more, when it is another action than
        the one with this digest, when the policy does not let this person approve, or refuses the edited action.
        """
        held = self._find(identifier, digest, turn.now)
        edited = arguments is not msgspec.UNSET and _canonical(arguments) != held.deed.arguments
        before = held
        if edited:
            held = self._edited(held, arguments, approver, turn.now)
        more = self._require_right(held, approver, edited=edited)
        note = note[:_LONGEST_NOTE]
        if more:
            return self._agree(before, held, approver, more, turn, note=note)
        waiting = held.latest.still_in_time(turn.now)
        judgement = self._courier.judge_again(waiting, turn.now, held.asks, edited=edited)
        if edited and not judgement.passes:
            deciding = judgement.deciding
            place = f" ({deciding.file}:{deciding.line})" if deciding.line else ""
            reason = f"with these arguments it is refused by {deciding.layer}: {deciding.reason}{place}"
            raise OperationFailed("approval.edit_refused", reason)
        if judgement.outcome is Outcome.HOLD:
            return self._ask_again(held, judgement, approver, turn)
        said = f"{approver} approved it{f': {note}' if note else ''}"
        if edited:
            self.table.amend(held)
            said = f"{approver} approved it with arguments of their own{f': {note}' if note else ''}"
        judgement = agreed(judgement, said)
        self._end(held, "approved", approver, turn, note=edit_note(held, note))
        self._courier.settle(waiting, judgement, held.id, turn)
        for other in held.messages[:-1]:
            reason = f"the same was approved once, and delivered as message {waiting.envelope.id}"
            self._courier.settle(other, objected(other.judgement, "approval.used", reason), held.id, turn)
        return {
            "approval": held.id,
            "state": "approved",
            "delivered": judgement.passes,
            "message": waiting.envelope.id,
            "digest": held.deed.digest,
            "edited": edited,
            "outcome": judgement.outcome.word,
            "reason": "" if judgement.passes else judgement.deciding.reason,
        }

    def deny(self, identifier: str, digest: str, approver: str, turn: Turn, *, note: str = "") -> dict[str, Any]:
        """Deny what waits; `digest` may be left out. Raises OperationFailed when it waits no more."""
        held = self._find(identifier, digest or None, turn.now)
        note = note[:_LONGEST_NOTE]
        self._refuse(held, "denied", approver, f"{approver} denied it{f': {note}' if note else ''}", turn, note=note)
        return {
            "approval": held.id,
            "state": "denied",
            "delivered": False,
            "message": held.latest.envelope.id,
            "digest": held.deed.digest,
        }

    def tick(self, turn: Turn) -> None:
        """Deny what nobody has answered in time."""
        for held in self.table.late(turn.now):
            reason = f"nobody answered approval {held.id} within {held.until - held.since:g} s"
            self._refuse(held, "expired", "", reason, turn, note="nobody answered in time")

    def lose(self, principal: str, turn: Turn) -> None:
        """Deny what waits on behalf of a principal that is gone; to be called before its requests are given up."""
        for held in self.table.all():
            chain = {p.request.target for w in held.messages for _, p in self._pending.chain(held.deed.task, w.asker)}
            if principal in {held.deed.sender, *(waiting.asker for waiting in held.messages), *chain}:
                reason = f"{principal} went away while approval {held.id} was waited for"
                self._refuse(held, "expired", "", reason, turn, note=f"{principal} went away")

    def close(self, turn: Turn) -> None:
        """Deny everything that waits, because the enforcer stops: what waits is not kept beyond it."""
        for held in self.table.all():
            reason = f"the enforcer stopped while approval {held.id} was waited for"
            self._refuse(held, "expired", "", reason, turn, note="the enforcer stopped")

    def owner(self, held: Held) -> str:
        """Return who started the task; the sender itself where there is no task."""
        return self._ledger.owner(held.deed.task) or held.deed.sender

    def _prepared(self, waiting: Waiting) -> Waiting:
        try:
            return self._courier.prepare(waiting)
        except Exception as error:
            reason = f"what the policy obliges to cannot be done: {type(error).__name__}: {error}"
            raise NotHeld("approval.unfulfilled", reason) from error

    def _find(self, identifier: str, digest: str | None, now: float) -> Held:
        """Return what waits; without a digest, whatever action it is by now. Raises OperationFailed."""
        try:
            return self.table.look(identifier, now) if digest is None else self.table.find(identifier, digest, now)
        except Undecided as error:
            raise OperationFailed(error.code, str(error)) from None

    def _require_right(self, held: Held, approver: str, *, edited: bool) -> str:
        """Return why one more person has to approve, or nothing; raises OperationFailed when this one may not."""
        try:
            word = self._right.judge(held, approver, self.owner(held), edited=edited)
        except PolicyError as error:
            raise OperationFailed("approval.not_allowed", f"the policy gives no answer: {error}") from None
        if word.denial is not None:
            place = f" ({word.denial.file}:{word.denial.line})" if word.denial.line else ""
            raise OperationFailed("approval.not_allowed", f"{word.denial.reason}{place}")
        return word.more.reason if word.more is not None else ""

    def _edited(self, held: Held, arguments: object, approver: str, now: float) -> Held:
        """Return what would wait with other arguments."""
        waiting = held.latest
        if waiting.envelope.kind is not Kind.MCP or not held.deed.arguments:
            reason = f"only the arguments of tool calls can be edited; this is kind {held.deed.kind}"
            raise OperationFailed("approval.not_editable", reason)
        if not isinstance(arguments, dict):
            raise OperationFailed("approval.arguments", "the arguments of a tool call are a JSON object")
        try:
            envelope = msgspec.structs.replace(waiting.envelope, body=with_arguments(waiting.envelope.body, arguments))
            action = read_action(envelope)
            deed = deed_of(envelope, action)
        except (Ambiguous, MalformedEnvelope) as error:
            raise OperationFailed("approval.arguments", f"the edited call cannot be written: {error}") from None
        about = msgspec.structs.replace(waiting.about, action=action)
        return self.table.preview(
            held, msgspec.structs.replace(waiting, envelope=envelope, about=about), deed, approver, now
        )

    def _agree(self, before: Held, held: Held, approver: str, more: str, turn: Turn, *, note: str) -> dict[str, Any]:
        """Note the approval of one of several people; an edited action waits in place of the one before."""
        if held is not before:
            self.table.amend(held)
        held = self.table.agree(before.id, approver)
        turn.approvals.append(describe_approval(held, "pending", turn.now, approver, edit_note(held, note) or more))
        return {"approval": held.id, "state": "pending", "delivered": False, "digest": held.deed.digest, "reason": more}

    def _ask_again(self, held: Held, judgement: Judgement, approver: str, turn: Turn) -> dict[str, Any]:
        """Have what is asked more about than its approver saw wait anew: who saw the other id has not seen this."""
        new = "; ".join(told(ask) for ask in unseen(judgement.verdicts, held.asks)[:_TOLD_ASKS])
        reason = f"more is asked now than was shown: {new}"[:_LONGEST_NOTE]
        self._end(held, "expired", approver, turn, note=reason)
        outcome, approval = judgement, ""
        for waiting in held.messages:
            again = msgspec.structs.replace(waiting, judgement=judgement)
            outcome, approval = self.hold(again, turn)
            self._courier.settle(again, outcome, approval or held.id, turn)
        return {
            "approval": approval or held.id,
            "state": "pending" if approval else "denied",
            "delivered": False,
            "message": held.latest.envelope.id,
            "digest": held.deed.digest,
            "reason": reason if approval else outcome.deciding.reason,
        }

    def _refuse(self, held: Held, state: str, by: str, reason: str, turn: Turn, *, note: str) -> None:
        self._end(held, state, by, turn, note=note)
        for waiting in held.messages:
            self._courier.settle(waiting, objected(waiting.judgement, f"approval.{state}", reason), held.id, turn)

    def _end(self, held: Held, state: str, by: str, turn: Turn, *, note: str) -> None:
        ended = self.table.end(held.id, state, by, turn.now, note)
        turn.approvals.append(describe_approval(ended, state, turn.now, by, note))
        self._go_on(ended, turn)

    def _stop(self, held: Held, waiting: Waiting, turn: Turn) -> None:
        """Stop the clocks of all who wait, and tell them."""
        task, notice = held.deed.task, notice_of(held)
        self._tell(waiting.asker, waiting.reply_to, notice, turn)
        for token, pending in self._pending.chain(task, waiting.asker):
            self._pending.hold(token, held.id, held.until, turn.now)
            self._tell(pending.request.sender, pending.request.reply_to, notice, turn)
        if task:
            self._stopped.setdefault(task, set()).add(held.id)
            self._ledger.pause(task, turn.now)

    def _go_on(self, held: Held, turn: Turn) -> None:
        """Let the clocks go on, and tell all who wait."""
        notice = msgspec.structs.replace(notice_of(held), over=True, until=turn.now)
        for pending in self._pending.resume(held.id, turn.now):
            self._tell(pending.request.sender, pending.request.reply_to, notice, turn)
        for waiting in held.messages:
            self._tell(waiting.asker, waiting.reply_to, notice, turn)
        approvals = self._stopped.get(held.deed.task, set())
        approvals.discard(held.id)
        if not approvals and self._stopped.pop(held.deed.task, None) is not None:
            self._ledger.resume(held.deed.task, turn.now)

    @staticmethod
    def _tell(principal: str, reply_to: str, notice: HeldNotice, turn: Turn) -> None:
        if reply_to:
            turn.out.append(held_packet(reply_to, notice_for(principal, notice)))


def _canonical(arguments: object) -> bytes:
    try:
        return canonical(arguments)
    except (Ambiguous, TypeError) as error:
        raise OperationFailed("approval.arguments", f"the arguments are no JSON: {error}") from None
