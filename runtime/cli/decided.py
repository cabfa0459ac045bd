"""What became of approvals, as the record tells it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from lictor.runtime.cli.approving import place, what
from lictor.runtime.cli.printable import indented, one_line
from lictor.runtime.cli.recorded import SHORT, clock, stamp
from lictor.runtime.store.results import Approval

_MARGIN: Final = 11
_LONGEST: Final = 600


def recorded(approval: Approval) -> dict[str, Any]:
    """Return the document of one state of an approval; `moment` is its time as a number."""
    return {
        "id": approval.id,
        "state": approval.state,
        "at": stamp(approval.at),
        "moment": approval.at,
        "message": approval.message,
        "task": approval.task,
        "from": approval.sender,
        "to": approval.target,
        "tool": approval.tool,
        "method": "",
        "arguments": _decoded(approval.arguments),
        "arguments_bytes": len(approval.arguments),
        "digest": approval.digest,
        "code": approval.code,
        "reason": approval.reason,
        "rule": approval.rule,
        "file": approval.file,
        "line": approval.line,
        "labels": [word for word in approval.labels.split(",") if word],
        "until": stamp(approval.until),
        "deadline": approval.until,
        "by": approval.by,
        "note": approval.note,
    }


def _decoded(raw: bytes) -> Any:  # noqa: ANN401 -- any JSON value
    try:
        return msgspec.json.decode(raw) if raw else None
    except msgspec.MsgspecError:  # too long to be recorded whole
        return raw.decode(errors="replace")


def without_moment(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document as it is printed: its times as text alone."""
    return {name: value for name, value in item.items() if name not in {"moment", "deadline"}}


def story(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the lines that tell all states of one approval, in their order."""
    last = items[-1]
    lines = [
        f"approval   {last['id']}",
        f"asked      {last['from']} → {last['to']}: {what(last)}",
        f"because    {last['reason']} ({place(last)})",
        f"labels     {', '.join(last['labels']) or 'none'}",
        f"task       {last['task'] or '-'}",
        f"message    {last['message']}",
        f"digest     {last['digest']}",
        *[f"{item['state']:<10} {item['at']}{_by(item)}" for item in items],
    ]
    return [indented(line, _MARGIN) for line in lines]


def change(item: Mapping[str, Any]) -> str:
    """Return the line that tells one state."""
    asked = f"{item['from']} → {item['to']}: {what(item)}"
    why = f" because {item['reason']} ({place(item)}); until {clock(item['deadline'])}"
    told = f"{asked}{why}" if item["state"] == "pending" and not item["by"] else f"{asked}{_by(item)}"
    return one_line(f"{item['id'][:SHORT]} {item['state']} {told}", _LONGEST)


def _by(item: Mapping[str, Any]) -> str:
    by = f" by {item['by']}" if item["by"] else ""
    return f"{by}: {item['note']}" if item["note"] else by
