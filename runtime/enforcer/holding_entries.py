"""What the record and those who wait are told of something that is held."""

from typing import Any, Final

import msgspec

from lictor.guardrails.approvals.asks import told
from lictor.guardrails.approvals.held import Held
from lictor.guardrails.verdict import Verdict
from lictor.protocols.held import HeldNotice
from lictor.protocols.names import Role, role_of
from lictor.protocols.record import ApprovalEntry

_RECORDED_ARGUMENTS: Final = 100_000
_LISTED_ARGUMENTS: Final = 2_000
_RECORDED_ASKS: Final = 20
_NOTICED_ASKS: Final = 5


def describe_approval(held: Held, state: str, now: float, by: str = "", note: str = "") -> ApprovalEntry:
    """Return the entry of one state of an approval."""
    deed, why = held.deed, held.why
    return ApprovalEntry(
        id=held.id,
        at=now,
        state=state,
        message=held.latest.envelope.id,
        task=deed.task,
        sender=deed.sender,
        target=deed.target,
        tool=deed.tool or deed.method,
        arguments=deed.arguments[:_RECORDED_ARGUMENTS],
        digest=deed.digest,
        reason="; also ".join([why.reason, *_others(held, _RECORDED_ASKS)]),
        code=why.code,
        rule=why.rule,
        file=why.file,
        line=why.line,
        labels=held.latest.about.mark.labels.text(),
        until=held.until,
        by=by,
        note=note,
    )


def notice_of(held: Held) -> HeldNotice:
    """Return the notice for those who wait."""
    deed, why = held.deed, held.why
    return HeldNotice(
        approval=held.id,
        until=held.until,
        message=held.latest.envelope.id,
        digest=deed.digest,
        sender=deed.sender,
        target=deed.target,
        tool=deed.tool or deed.method,
        reason=why.reason,
        code=why.code,
        file=why.file,
        line=why.line,
        labels=held.latest.about.mark.labels.text(),
        also=_others(held, _NOTICED_ASKS),
    )


def notice_for(principal: str, notice: HeldNotice) -> HeldNotice:
    """Return what one who waits is told: an outside caller learns that a person is asked, and nothing of the team."""
    if role_of(principal) is not Role.EXTERNAL:
        return notice
    return HeldNotice(notice.approval, notice.until, notice.over)


def edit_note(held: Held, note: str) -> str:
    """Return a note that also tells of the last edit, if there was one."""
    if not held.changes:
        return note
    last = held.changes[-1]
    said = f"edited by {last.by}; the action before had digest {last.digest}"
    return f"{note} ({said})" if note else said


def tell_held(held: Held, owner: str, now: float, *, whole: bool) -> dict[str, Any]:
    """Return the document of what is held; unless it is `whole`, long arguments are left out."""
    deed, why, mark = held.deed, held.why, held.latest.about.mark
    shown = whole or len(deed.arguments) <= _LISTED_ARGUMENTS
    document: dict[str, Any] = {
        "id": held.id,
        "state": "pending",
        "message": held.latest.envelope.id,
        "messages": [waiting.envelope.id for waiting in held.messages],
        "task": deed.task,
        "context": deed.context,
        "step": deed.step,
        "content_type": deed.content_type,
        "owner": owner,
        "from": deed.sender,
        "to": deed.target,
        "kind": deed.kind,
        "method": deed.method,
        "tool": deed.tool,
        "arguments": _decoded(deed.arguments) if shown else None,
        "arguments_bytes": len(deed.arguments),
        "digest": deed.digest,
        "layer": why.layer,
        "code": why.code,
        "reason": why.reason,
        "rule": why.rule,
        "file": why.file,
        "line": why.line,
        "asks": [_tell_ask(ask) for ask in (held.asks if whole else held.asks[:_RECORDED_ASKS])],
        "labels": list(mark.labels.words()),
        "sources": sorted(mark.labels.sources),
        "causes": dict(mark.causes),
        "since": held.since,
        "until": held.until,
        "seconds_left": round(max(0.0, held.until - now), 3),
        "agreed": list(held.agreed),
        "changes": [
            {
                "by": change.by,
                "at": change.at,
                "digest": change.digest,
                "arguments": _decoded(change.arguments) if shown else None,
            }
            for change in held.changes
        ],
    }
    if whole:
        document["rest"] = _decoded(deed.rest)
    return document


def _others(held: Held, most: int) -> tuple[str, ...]:
    """Return what else is asked about it, as lines."""
    others = held.asks[1:]
    left = (f"{len(others) - most} asks more",) if len(others) > most else ()
    return (*(told(ask) for ask in others[:most]), *left)


def _tell_ask(ask: Verdict) -> dict[str, Any]:
    return {
        "layer": ask.layer,
        "code": ask.code,
        "reason": ask.reason,
        "rule": ask.rule,
        "file": ask.file,
        "line": ask.line,
    }


def _decoded(raw: bytes) -> Any:  # noqa: ANN401 -- any JSON value
    return msgspec.json.decode(raw) if raw else None
