"""Judging one recorded message again, and how that compares with what was said then."""

from dataclasses import dataclass
from typing import Any

from lictor.guardrails.policy.hindsight import Hindsight, same
from lictor.guardrails.policy.stages import STAGES
from lictor.guardrails.verdict import Verdict
from lictor.runtime.cli.recalling import recall, verdicts_of
from lictor.runtime.cli.rescanning import Rescanner
from lictor.runtime.store.results import Message


@dataclass(frozen=True, slots=True)
class Rejudgement:
    """What a bundle says of a message now."""

    message: Message
    revision: str
    """Of the bundle that was asked now."""
    layers: tuple[dict[str, Any], ...]
    """For each layer what it said then and what it says now; None for one that was not or is not asked."""
    unknown: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def same_bundle(self) -> bool:
        """Whether the bundle is the one that judged it then."""
        return self.revision == self.message.bundle

    @property
    def same(self) -> bool:
        """Whether every layer that was asked again says the same."""
        return all(layer["same"] for layer in self.layers)

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "message": self.message.id,
            "number": self.message.number,
            "bundle_then": self.message.bundle,
            "bundle_now": self.revision,
            "same_bundle": self.same_bundle,
            "same": self.same,
            "layers": list(self.layers),
            "not_recorded": list(self.unknown),
            "notes": list(self.notes),
        }


def rejudge(
    message: Message, hindsight: Hindsight, request_kind: str = "", rescanner: Rescanner | None = None
) -> Rejudgement:
    """Ask about a message again; what is no matter of the policy is as it was recorded.

    With a rescanner the content stage is asked about what its scanners find in the recorded body.
    """
    recorded = verdicts_of(message)
    said, notes = (recorded, ()) if rescanner is None else rescanner.scan(message, request_kind, recorded)
    again = hindsight.ask(said, recall(message, request_kind))
    if again is None:
        layers = tuple([_layer(verdict.layer, verdict, None) for verdict in said])
        return Rejudgement(message, hindsight.revision, layers, (), ("it never reached the policy: it is as it was",))
    found = {id(heard): now for heard, now in zip(again.heard, again.verdicts, strict=True) if heard is not None}
    layers = tuple([_layer(each.layer, each, found.get(id(each)), asked=each.layer in STAGES) for each in said])
    new = [
        _layer(now.layer, None, now, asked=True)
        for heard, now in zip(again.heard, again.verdicts, strict=True)
        if heard is None
    ]
    return Rejudgement(message, hindsight.revision, (*layers, *new), again.unknown, notes)


def _layer(name: str, then: Verdict | None, now: Verdict | None, *, asked: bool = False) -> dict[str, Any]:
    equal = not asked or (then is not None and now is not None and same(then, now))
    return {"layer": name, "then": _show(then), "now": _show(now), "same": equal}


def _show(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {
        "verdict": verdict.outcome.word,
        "code": verdict.code,
        "reason": verdict.reason,
        "rule": verdict.rule,
        "file": verdict.file,
        "line": verdict.line,
        "obligations": list(verdict.obligations),
    }
