"""The operations on the policy: which bundle decides, and another one in its place, between two messages."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from lictor.guardrails.policy.bundle import Bundle, Module
from lictor.guardrails.policy.engine import PolicyEngine, PolicyError
from lictor.guardrails.policy.slot import PolicySlot
from lictor.runtime.definition.plan import Plan
from lictor.runtime.enforcer.engines import compose_draft, make_engine
from lictor.runtime.enforcer.operations.operation import Effect, Operation, OperationFailed, OperatorCall
from lictor.runtime.enforcer.policy_trial import try_out_apart

_MOST_TEXT: Final = 1_000_000


class ActiveBundle:
    """The bundle that decides, beside the slot that holds its engine."""

    def __init__(self, bundle: Bundle, slot: PolicySlot) -> None:
        self.bundle = bundle
        self.slot = slot

    def tell(self) -> dict[str, Any]:
        """Return what decides: revision, how often it was changed, and the user's modules."""
        return {
            "revision": self.slot.engine.revision,
            "generation": self.slot.generation,
            "modules": [
                {"path": each.path, "text": each.text, "user": each.user} for each in self.bundle.modules if each.user
            ],
            "built_in": [each.path for each in self.bundle.modules if not each.user],
        }


class ShowPolicy:
    """Tells which bundle decides."""

    name = "policy.show"
    summary = "Tell which bundle decides: its revision, and the modules that the team added."

    def __init__(self, active: ActiveBundle) -> None:
        self._active = active

    def run(self, _call: OperatorCall) -> Effect:
        """Take nothing."""
        return Effect(self._active.tell())


class _Source(msgspec.Struct, frozen=True):
    path: str
    text: str


class _Arguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    modules: tuple[_Source, ...]
    revision: str = ""


class ActivatePolicy:
    """Has another bundle decide from the next message on, or nothing changes.

    `compose` makes a bundle of the team's data, the built-in rules and the modules that are sent; `try_out` raises
    PolicyError for one that may not be used or is slow; `make` returns its engine.
    """

    name = "policy.activate"
    summary = "Have {modules: [{path, text}]} decide in place of the team's own; {revision} must be the active one."

    def __init__(
        self,
        active: ActiveBundle,
        compose: Callable[[Sequence[Module]], Bundle],
        try_out: Callable[[Bundle], object],
        make: Callable[[Bundle], PolicyEngine],
    ) -> None:
        self._active = active
        self._compose = compose
        self._try_out = try_out
        self._make = make

    def run(self, call: OperatorCall) -> Effect:
        """Take `{modules}` and, if it likes, the `{revision}` that is to be replaced."""
        try:
            wanted = msgspec.convert(dict(call.arguments), _Arguments)
        except (msgspec.ValidationError, TypeError) as error:
            raise OperationFailed("policy.arguments", f"send {{modules: [{{path, text}}]}}: {error}") from None
        before = self._active.slot.engine.revision
        if wanted.revision not in {"", before}:
            raise OperationFailed("policy.stale", f"bundle {before} decides by now, not {wanted.revision}: look again")
        if sum(len(each.text) for each in wanted.modules) > _MOST_TEXT:
            raise OperationFailed("policy.too_large", f"a team's own policies may have {_MOST_TEXT} characters")
        try:
            bundle = self._compose([Module(each.path, each.text, user=True) for each in wanted.modules])
            self._try_out(bundle)
        except PolicyError as error:
            raise OperationFailed("policy.refused", str(error)) from None
        self._replace(self._engine(bundle))
        self._active.bundle = bundle
        return Effect({"before": before, "after": bundle.revision, "generation": self._active.slot.generation})

    def _engine(self, bundle: Bundle) -> PolicyEngine:
        """Make the engine; an OPA server that took half of a bundle is given the one before again."""
        try:
            return self._make(bundle)
        except PolicyError as error:
            again = ""
            try:
                self._replace(self._make(self._active.bundle))
            except PolicyError as failure:
                again = f"; and the bundle before it could not be restored, so everything is denied: {failure}"
            raise OperationFailed("policy.refused", f"{error}{again}") from None

    def _replace(self, engine: PolicyEngine) -> None:
        before = self._active.slot.swap(engine)
        close = getattr(before, "close", None)
        if close is not None:
            close()


def policy_operations(plan: Plan, bundle: Bundle, slot: PolicySlot) -> tuple[Operation, ...]:
    """Return the operations on the policy of a plan's team; `bundle` is what the engine in the slot decides by."""
    active = ActiveBundle(bundle, slot)
    return (
        ShowPolicy(active),
        ActivatePolicy(
            active,
            lambda modules: compose_draft(plan, modules),
            try_out_apart,
            lambda draft: make_engine(draft, plan.policy),
        ),
    )
