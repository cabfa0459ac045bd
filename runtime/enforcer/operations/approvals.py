"""The operations on what waits for an approval: list it, show it, approve it, deny it."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from lictor.guardrails.approvals.table import Undecided
from lictor.runtime.enforcer.holding import Holding
from lictor.runtime.enforcer.holding_entries import tell_held
from lictor.runtime.enforcer.operations.operation import Effect, Operation, OperationFailed, OperatorCall
from lictor.runtime.enforcer.turn import Turn

_Wanted = TypeVar("_Wanted")


class _Which(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str


class _Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    digest: str
    arguments: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    note: str = ""


class _Denial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    digest: str = ""
    note: str = ""


class ListApprovals:
    """Tells everything that waits, by the time that is left."""

    name = "approvals.list"
    summary = "What waits for an approval, by the time that is left."

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def run(self, call: OperatorCall) -> Effect:
        """Take no arguments."""
        holding = self._holding
        items = [tell_held(held, holding.owner(held), call.now, whole=False) for held in holding.table.all()]
        return Effect({"approvals": items})


class ShowApproval:
    """Tells all of one that waits."""

    name = "approvals.show"
    summary = "All of one action that waits for an approval: {id}."

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def run(self, call: OperatorCall) -> Effect:
        """Take `{id}`."""
        wanted = _read(call.arguments, _Which)
        try:
            held = self._holding.table.look(wanted.id, call.now)
        except Undecided as error:
            raise OperationFailed(error.code, str(error)) from None
        return Effect({"approval": tell_held(held, self._holding.owner(held), call.now, whole=True)})


class Approve:
    """Lets through what waits."""

    name = "approvals.approve"
    summary = "Approve {id, digest}, with other {arguments} if given; {note} is recorded."

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def run(self, call: OperatorCall) -> Effect:
        """Take `{id, digest[, arguments][, note]}`; the digest is that of the action as the approver saw it."""
        wanted = _read(call.arguments, _Approval)
        turn = Turn(call.now)
        answer = self._holding.approve(
            wanted.id, wanted.digest, call.envelope.sender, turn, arguments=wanted.arguments, note=wanted.note
        )
        return _effect(answer, turn)


class Deny:
    """Refuses what waits."""

    name = "approvals.deny"
    summary = "Deny {id}; {note} is recorded and told to its sender."

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def run(self, call: OperatorCall) -> Effect:
        """Take `{id[, digest][, note]}`."""
        wanted = _read(call.arguments, _Denial)
        turn = Turn(call.now)
        answer = self._holding.deny(wanted.id, wanted.digest, call.envelope.sender, turn, note=wanted.note)
        return _effect(answer, turn)


def approval_operations(holding: Holding) -> tuple[Operation, ...]:
    """Return the operations on one enforcer's holding."""
    return (ListApprovals(holding), ShowApproval(holding), Approve(holding), Deny(holding))


def _effect(answer: Mapping[str, Any], turn: Turn) -> Effect:
    return Effect(answer, tuple(turn.out), tuple(turn.entries), tuple(turn.approvals))


def _read(arguments: Mapping[str, Any], kind: type[_Wanted]) -> _Wanted:
    try:
        return msgspec.convert(dict(arguments), kind)
    except (msgspec.ValidationError, TypeError) as error:
        raise OperationFailed("approval.arguments", f"the arguments are not those of this operation: {error}") from None
