"""`lictor policy explain`: why a message was delivered or not."""

from typing import Annotated, Any, Final

import msgspec
import typer

from lictor.runtime.cli.ancestry import describe_chain, find_lineage, tell_chain
from lictor.runtime.cli.commands.messages import describe_verdict
from lictor.runtime.cli.listing import print_rows, require_form
from lictor.runtime.cli.narrate import describe
from lictor.runtime.cli.printable import indented, one_line, printable
from lictor.runtime.cli.recorded import FileOption, StoreOption, open_record, resolve, stamp
from lictor.runtime.cli.screen import data, print_document
from lictor.runtime.store.lineage import Chain
from lictor.runtime.store.reader import Reader
from lictor.runtime.store.results import Approval, Message, Shadow, Verdict

LAYERS: Final = ("identify", "admit", "route", "flow", "content", "behaviour")
"""The layers of the enforcer, in their order: those behind a denial were not run."""

_MARGIN: Final = 10
_NOT_RUN: Final = "not run"
_STOPS: Final = frozenset({"deny", "quarantine"})


def explain(
    message: Annotated[str, typer.Argument(metavar="MSG", help="A message's id, or its beginning.")],
    output: Annotated[str, typer.Option("--output", "-o", help="table or json")] = "table",
    store: StoreOption = "",
    file: FileOption = None,
) -> None:
    """Explain why a message was delivered or not: every layer, its verdict, its time, and the line that decided.

    With it: what each layer obliged to, what the policy was asked, where each label comes from, who approved, and what
    a draft that was judging beside would have said.

    Example: lictor policy explain 0199c3a1b2c3d4e5
    """
    require_form(output, ("table", "text", "json"))
    with open_record(store, file) as reader:
        found = reader.messages_with_id(resolve("message", message, reader.message_ids))
        told = [_Explanation(reader, each) for each in found]
    if output == "json":
        documents = [each.document() for each in told]
        listed = {"apiVersion": "lictor/v1", "kind": "ExplanationList", "items": documents}
        single = {"apiVersion": "lictor/v1", "kind": "Explanation", **documents[0]}
        print_document(listed if len(documents) > 1 else single)
        return
    for each in told:
        each.print()


class _Explanation:
    """All that the record tells of one message."""

    def __init__(self, reader: Reader, message: Message) -> None:
        self.message = message
        self.lineage: tuple[Chain, ...] = find_lineage(reader, message)
        self.approvals: list[Approval] = reader.approval_states(message=message.id)
        self.shadows: list[Shadow] = reader.shadows(message.id)

    def document(self) -> dict[str, Any]:
        message = self.message
        told = describe(message) | {
            "at": stamp(message.at),
            "task": message.task,
            "bundle": message.bundle,
            "labels": [word for word in message.labels.split(",") if word],
            "approval": message.approval,
            "redacted": bool(message.digest),
        }
        return {
            "message": told,
            "layers": [_describe_layer(verdict) for verdict in message.verdicts]
            + [{"layer": name, "verdict": _NOT_RUN, "why": why} for name, why in _not_run(message)],
            "labels": [describe_chain(chain) for chain in self.lineage],
            "approvals": [_describe_approval(each) for each in self.approvals],
            "shadows": [_describe_shadow(each) for each in self.shadows],
        }

    def print(self) -> None:
        screen, message = data(), self.message
        route = f"{message.sender} → {message.target}  {message.kind}  {message.method}".rstrip()
        screen.print(indented(f"{message.id}  {route}", _MARGIN), markup=False)
        screen.print(printable(f"{stamp(message.at)}  bundle {message.bundle}  {message.outcome}"), markup=False)
        rows = [_row(verdict) for verdict in message.verdicts]
        rows += [[name, _NOT_RUN, "-", why, "-", "-"] for name, why in _not_run(message)]
        print_rows(("LAYER", "VERDICT", "µS", "REASON", "RULE", "WHERE"), rows)
        for line in self._more():
            screen.print(indented(line, _MARGIN), markup=False)

    def _more(self) -> list[str]:
        message = self.message
        lines = []
        obliged = [f"  {each.layer}: {', '.join(each.obligations)}" for each in message.verdicts if each.obligations]
        lines += ["obliged to", *obliged] if obliged else []
        asked = [f"  {each.layer}: {each.facts.decode(errors='replace')}" for each in message.verdicts if each.facts]
        lines += ["the policy was asked", *asked] if asked else []
        chains = [line for chain in self.lineage for line in tell_chain(message, chain)]
        lines += ["labels", *chains] if chains else []
        lines += ["approvals", *map(_tell_approval, self.approvals)] if self.approvals else []
        lines += ["a draft would have said", *map(_tell_shadow, self.shadows)] if self.shadows else []
        return lines


def _not_run(message: Message) -> list[tuple[str, str]]:
    """Return the layers that were not asked, with why; of an answer that never came there was nothing to ask."""
    asked = {verdict.layer for verdict in message.verdicts}
    if "deliver" in asked or not asked & set(LAYERS):
        return []
    stopped = next((verdict.layer for verdict in message.verdicts if verdict.outcome in _STOPS), "")
    last = max(LAYERS.index(layer) for layer in asked & set(LAYERS))
    why = f"denied above, by {stopped}" if stopped else "not one of this enforcer's layers"
    return [(layer, why) for layer in LAYERS[last + 1 :]]


def _describe_layer(verdict: Verdict) -> dict[str, Any]:
    return describe_verdict(verdict) | {"facts": _read(verdict.facts)}


def _read(facts: bytes) -> Any:  # noqa: ANN401 -- any JSON value
    try:
        return msgspec.json.decode(facts) if facts else None
    except msgspec.DecodeError:
        return None


def _row(verdict: Verdict) -> list[str]:
    return [
        verdict.layer,
        verdict.outcome,
        f"{verdict.cost_us:.0f}",
        one_line(verdict.reason, 400) or "-",
        one_line(verdict.rule or verdict.code, 200) or "-",
        f"{verdict.file}:{verdict.line}" if verdict.line else "-",
    ]


def _describe_approval(approval: Approval) -> dict[str, Any]:
    return {
        "id": approval.id,
        "at": stamp(approval.at),
        "state": approval.state,
        "by": approval.by,
        "note": approval.note,
        "digest": approval.digest,
        "until": stamp(approval.until),
        "reason": approval.reason,
        "file": approval.file,
        "line": approval.line,
    }


def _tell_approval(approval: Approval) -> str:
    by = f" by {approval.by}" if approval.by else ""
    note = f": {approval.note}" if approval.note else ""
    return f"  {stamp(approval.at)}  {approval.state}{by}{note}  (approval {approval.id[:16]})"


def _describe_shadow(shadow: Shadow) -> dict[str, Any]:
    return {
        "revision": shadow.revision,
        "layer": shadow.layer,
        "verdict": shadow.outcome,
        "code": shadow.code,
        "reason": shadow.reason,
        "rule": shadow.rule,
        "file": shadow.file,
        "line": shadow.line,
    }


def _tell_shadow(shadow: Shadow) -> str:
    place = f"  {shadow.file}:{shadow.line}" if shadow.line else ""
    return f"  {shadow.revision}  {shadow.outcome}  {shadow.layer}: {shadow.reason}{place}"
