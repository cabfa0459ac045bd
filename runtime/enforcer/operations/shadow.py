"""The operation on the shadow: let a draft of the policy judge beside the active one, or stop it."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from lictor.guardrails.policy.bundle import Module
from lictor.guardrails.policy.engine import PolicyEngine, PolicyError
from lictor.runtime.enforcer.operations.operation import Effect, OperationFailed, OperatorCall
from lictor.runtime.enforcer.shadow import Shadow

_MOST_TEXT: Final = 1_000_000


class _Source(msgspec.Struct, frozen=True):
    path: str
    text: str


class _Arguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    modules: tuple[_Source, ...] = ()
    off: bool = False


class ShadowPolicy:
    """Starts a draft, stops it, or tells how it stands.

    `build` makes an engine of the team's data, the built-in rules and the draft's modules in the place of the team's.
    """

    name = "policy.shadow"
    summary = "Judge beside the active policy: {modules: [{path, text}]}, or {off: true}; {} tells how it stands."

    def __init__(self, shadow: Shadow, build: Callable[[Sequence[Module]], PolicyEngine]) -> None:
        self._shadow = shadow
        self._build = build

    def run(self, call: OperatorCall) -> Effect:
        """Take `{modules}`, `{off}` or nothing."""
        try:
            wanted = msgspec.convert(dict(call.arguments), _Arguments)
        except msgspec.ValidationError as error:
            raise OperationFailed("policy.arguments", str(error)) from None
        if wanted.off:
            told = self._shadow.tell()
            self._shadow.stop()
            return Effect({"shadow": {**self._shadow.tell(), "stopped": told}})
        if wanted.modules:
            if sum(len(each.text) for each in wanted.modules) > _MOST_TEXT:
                raise OperationFailed("policy.too_large", f"a draft may have {_MOST_TEXT} characters")
            try:
                draft = self._build([Module(each.path, each.text, user=True) for each in wanted.modules])
            except PolicyError as error:
                raise OperationFailed("policy.refused", f"the draft cannot be used: {error}") from None
            self._shadow.start(draft)
        return Effect({"shadow": self._shadow.tell()})
