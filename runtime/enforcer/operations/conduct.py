"""The operations on conduct: how everyone has behaved, and the release of someone from what is held against it."""

import msgspec

from lictor.guardrails.behaviour.layer import Behaviour
from lictor.runtime.enforcer.operations.operation import Effect, OperationFailed, OperatorCall


class _Which(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    principal: str


class ShowConduct:
    """Tells everyone's score."""

    name = "conduct.show"
    summary = "How everyone has behaved, from 0 to 1; who is not listed has nothing held against it."

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    def run(self, call: OperatorCall) -> Effect:
        """Take nothing."""
        return Effect({"scores": self._behaviour.conduct.listing(call.now)})


class ReleaseConduct:
    """Holds nothing against a principal any more."""

    name = "conduct.release"
    summary = "Hold nothing against {principal} any more."

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    def run(self, call: OperatorCall) -> Effect:
        """Take `{principal}`."""
        try:
            wanted = msgspec.convert(dict(call.arguments), _Which)
        except (msgspec.ValidationError, TypeError) as error:
            raise OperationFailed("conduct.arguments", f"send {{principal}}: {error}") from None
        before = self._behaviour.conduct.score(wanted.principal, call.now)
        self._behaviour.release(wanted.principal)
        return Effect({"principal": wanted.principal, "before": before})
