"""The operation that an operator calls before opening what was redacted: the call is the record of it."""

from typing import Final

import msgspec

from lictor.protocols.identifiers import is_id
from lictor.runtime.enforcer.operations.operation import Effect, OperationFailed, OperatorCall

_LONGEST: Final = 1000


class _Arguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    reason: str


class RevealMessage:
    """Grants the opening of a redacted message; a rule may refuse the call to some operators like any other."""

    name = "messages.reveal"
    summary = "Grant the opening of what was redacted of a message: {id, reason}; recorded with the reason."

    def run(self, call: OperatorCall) -> Effect:
        """Take `{id, reason}`; both are in the recorded call."""
        try:
            wanted = msgspec.convert(dict(call.arguments), _Arguments)
        except msgspec.ValidationError as error:
            raise OperationFailed("reveal.arguments", str(error)) from None
        if not is_id(wanted.id):
            raise OperationFailed("reveal.arguments", f"{wanted.id[:80]!r} is no id of a message")
        if not wanted.reason.strip() or len(wanted.reason) > _LONGEST:
            raise OperationFailed("reveal.reason", f"a reason is needed, of {_LONGEST} characters at most")
        return Effect({"granted": wanted.id, "to": call.envelope.sender, "recorded_as": call.envelope.id})
