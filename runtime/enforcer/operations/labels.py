"""The operation that tells which labels the enforcer keeps, and what first brought each."""

from typing import Any

import msgspec

from lictor.guardrails.labels import Mark
from lictor.guardrails.provenance.provenance import Provenance
from lictor.runtime.enforcer.operations.operation import Effect, OperationFailed, OperatorCall


class _Which(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    task: str = ""


class ShowLabels:
    """Tells the marks of what outlives tasks and, for a task, of everyone who takes part in it."""

    name = "labels.show"
    summary = "Labels of instances and tool servers, and of everyone in {task} if one is given."

    def __init__(self, provenance: Provenance) -> None:
        self._provenance = provenance

    def run(self, call: OperatorCall) -> Effect:
        """Take `{task}` or nothing."""
        try:
            wanted = msgspec.convert(dict(call.arguments), _Which)
        except (msgspec.ValidationError, TypeError) as error:
            raise OperationFailed("labels.arguments", f"send {{task}} or nothing: {error}") from None
        kept = {owner: _tell(mark) for owner, mark in sorted(self._provenance.marks().items())}
        members = self._provenance.marks_of(wanted.task) if wanted.task else {}
        return Effect({"kept": kept, "task": {name: _tell(mark) for name, mark in sorted(members.items())}})


def _tell(mark: Mark) -> dict[str, Any]:
    return {
        "labels": list(mark.labels.words()),
        "sources": sorted(mark.labels.sources),
        "causes": dict(mark.causes),
    }
