"""What waits for an approval, as a person reads it, and the acts of deciding on it."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from lictor.protocols.mesh import Mesh
from lictor.runtime.cli.acting import act
from lictor.runtime.cli.printable import indented, one_line, printable
from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.recorded import SHORT

EXITS: Final = {
    "approval.expired": Exit.LATE,
    "approval.not_allowed": Exit.NOT_ALLOWED,
    "approval.edit_refused": Exit.REFUSED,
    "approval.arguments": Exit.USAGE,
    "approval.not_editable": Exit.USAGE,
}
"""Exit codes for the enforcer's words; for all others NO: unknown, decided already, another action by now."""

_MARGIN: Final = 11
_HEADERS: Final = (("context", "context"), ("step", "step"), ("content_type", "type"))
_LONGEST_VALUE: Final = 2000


async def waiting(mesh: Mesh) -> list[dict[str, Any]]:
    """Return everything that waits, by the time that is left; raises Quit."""
    found = (await act(mesh, "approvals.list", {}, EXITS)).get("approvals")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


async def waiting_ids(mesh: Mesh, beginning: str) -> list[str]:
    """Return the ids of what waits that begin so; raises Quit."""
    return [item["id"] for item in await waiting(mesh) if item["id"].startswith(beginning)]


async def shown(mesh: Mesh, identifier: str) -> dict[str, Any]:
    """Return all of one that waits; raises ActFailed when it does not."""
    told = (await act(mesh, "approvals.show", {"id": identifier}, EXITS)).get("approval")
    if not isinstance(told, dict):
        raise Quit(Exit.NO, "the enforcer's answer cannot be used")
    return told


async def approve(
    mesh: Mesh, identifier: str, digest: str, *, note: str = "", arguments: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Approve the action with this digest; return what came of it. Raises ActFailed and Quit."""
    wanted: dict[str, Any] = {"id": identifier, "digest": digest, "note": note}
    if arguments is not None:
        wanted["arguments"] = dict(arguments)
    return await act(mesh, "approvals.approve", wanted, EXITS)


async def deny(mesh: Mesh, identifier: str, digest: str = "", *, note: str = "") -> dict[str, Any]:
    """Deny an action; return what came of it. Raises ActFailed and Quit."""
    return await act(mesh, "approvals.deny", {"id": identifier, "digest": digest, "note": note}, EXITS)


def left(item: Mapping[str, Any]) -> str:
    """Return how much time is left, as minutes and seconds."""
    seconds = max(0, int(item["seconds_left"]))
    return f"{seconds // 60}:{seconds % 60:02d}"


def what(item: Mapping[str, Any]) -> str:
    """Return in one line what is asked for."""
    arguments = item.get("arguments")
    told = "…" if arguments is None and item.get("arguments_bytes") else written(arguments) if arguments else ""
    return one_line(f"{item['tool'] or item['method']} {told}".strip(), 80)


def place(item: Mapping[str, Any]) -> str:
    """Return the place in the team's files that asks for the approval."""
    return f"{item['file']}:{item['line']}" if item["line"] else item["file"] or item["code"]


def written(value: object) -> str:
    """Return a JSON value in one line, as it can be read back."""
    return printable(msgspec.json.encode(value).decode())


def card(item: Mapping[str, Any]) -> list[str]:
    """Return the lines that tell one that waits: who asks for what, why, with which labels and from where."""
    lines = [
        f"approval   {item['id']}",
        f"asks       {item['from']} → {item['to']}: {item['tool'] or item['method']}",
        *_arguments(item),
        f"because    {item['reason']} ({place(item)})",
        *[f"and        {ask['reason']} ({place(ask)})" for ask in item.get("asks", ())[1:]],
        f"labels     {', '.join(item['labels']) or 'none'}",
        *[f"  {word:<9}← {cause}" for word, cause in sorted(item["causes"].items())],
        *([f"sources    {', '.join(item['sources'])}"] if item["sources"] else []),
        f"task       {item['task'] or '-'} of {item['owner']}",
        *[f"{name:<10} {printable(item[key])}" for key, name in _HEADERS if item.get(key)],
        f"message    {item['message']}{_more(item)}",
        f"digest     {item['digest']}",
        *[
            f"edited     by {change['by']}, from {written(change['arguments'])} (digest {change['digest'][:SHORT]}…)"
            for change in item["changes"]
        ],
        *([f"approved   by {', '.join(item['agreed'])}; one more person has to"] if item["agreed"] else []),
        f"expires    in {left(item)}, then it is denied",
    ]
    return [indented(line, _MARGIN) for line in lines]


def _arguments(item: Mapping[str, Any]) -> list[str]:
    arguments = item["arguments"]
    if isinstance(arguments, dict):
        width = max((len(name) for name in arguments), default=0)
        return [f"  {name:<{width}}  {_cut(written(value))}" for name, value in arguments.items()]
    if item.get("rest"):
        return [f"  {_cut(written(item['rest']))}"]
    return [f"  {written(arguments)}"] if arguments is not None else []


def _cut(text: str) -> str:
    if len(text) <= _LONGEST_VALUE:
        return text
    return f"{text[:_LONGEST_VALUE]}… ({len(text)} characters; all of it: -o json)"


def _more(item: Mapping[str, Any]) -> str:
    others = len(item["messages"]) - 1
    return f", the latest of {others + 1} that ask for the same" if others else ""
