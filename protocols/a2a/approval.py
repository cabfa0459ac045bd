"""What waits for an approval, in A2A's words: a task that is `input-required`, with kagent's extension `hitl/v1`.

The shapes are those of kagent's docs/architecture/human-in-the-loop.md (read at commit 5229184e), in A2A 1.0's JSON.
A status says which tool calls wait; a message to the same task and context decides on every one of them by its id.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.identifiers import new_id

EXTENSION: Final = "https://kagent.dev/extensions/hitl/v1"
HEADER: Final = "A2A-Extensions"
_REQUEST: Final = "tool_approval_request"
_RESPONSE: Final = "tool_approval_response"
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """One tool call that waits."""

    id: str
    """Of the approval; whoever decides gives it back as it is."""
    call: str
    """Of the message that calls the tool."""
    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """To be shown, never to be trusted."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided on one of them."""

    id: str
    approved: bool
    reason: str = ""


def declaration() -> dict[str, Any]:
    """Return the entry of an agent card's `capabilities.extensions`."""
    return {"uri": EXTENSION, "description": "A person approves tool calls", "required": False}


def is_activated(header: str) -> bool:
    """Tell whether the value of an `A2A-Extensions` header asks for the extension, and for this version of it."""
    return EXTENSION in {word.strip() for word in header.split(",")}


def input_required(
    task: str, context: str, asked: Sequence[Asked], hint: str, *, activated: bool = True
) -> dict[str, Any]:
    """Return the event by which the task's owner learns what waits: a `statusUpdate` of a stream.

    Without the extension `activated` by the client, it says so in words alone, and cannot be decided on.
    """
    message: dict[str, Any] = {
        "messageId": new_id(),
        "role": "ROLE_AGENT",
        "taskId": task,
        "contextId": context,
        "parts": [{"text": hint}],
    }
    if activated:
        tools = [
            {"id": each.id, "call_id": each.call, "name": each.tool, "args": dict(each.arguments)} for each in asked
        ]
        message["extensions"] = [EXTENSION]
        message["metadata"] = {EXTENSION: {"type": _REQUEST, "hint": hint, "tools": tools}}
    status = {"state": "TASK_STATE_INPUT_REQUIRED", "message": message}
    return {"statusUpdate": {"taskId": task, "contextId": context, "status": status}}


def read_asked(message: Mapping[str, Any]) -> tuple[Asked, ...]:
    """Return what a status message asks to be approved; empty when it asks for nothing of the kind.

    Of a nested request those of the innermost agent count: they are what is decided on. Raises MalformedEnvelope when
    the message declares the extension and is not as it says.
    """
    payload = _payload(message)
    if payload is None or payload.get("type") != _REQUEST:
        return ()
    nested = payload.get("nested")
    tools = nested.get("tools") if isinstance(nested, Mapping) else payload.get("tools")
    if not isinstance(tools, list) or not tools:
        raise MalformedEnvelope("the request for approval names no tool call")
    asked = tuple(_asked(tool) for tool in tools)
    if len({each.id for each in asked}) != len(asked):
        raise MalformedEnvelope("the request for approval gives one id to several tool calls")
    return asked


def decide(task: str, context: str, decisions: Sequence[Decision]) -> dict[str, Any]:
    """Return the message, to be sent by `SendMessage`, that decides on what waits."""
    approvals = [
        {"id": each.id, "approved": each.approved}
        | ({"rejection_reason": each.reason} if each.reason and not each.approved else {})
        for each in decisions
    ]
    said = "approved" if all(each.approved for each in decisions) else "decided"
    return {
        "messageId": new_id(),
        "role": "ROLE_USER",
        "taskId": task,
        "contextId": context,
        "extensions": [EXTENSION],
        "metadata": {EXTENSION: {"type": _RESPONSE, "approvals": approvals}},
        "parts": [{"text": said}],
    }


def read_decisions(message: Mapping[str, Any], waiting: Collection[str]) -> tuple[Decision, ...]:
    """Return what a message decides on those approvals; empty when it is no decision.

    Text never decides. Raises MalformedEnvelope when an id is missing, unknown or given twice, or a decision is no
    truth value: what is left out is never approved.
    """
    payload = _payload(message)
    if payload is None or payload.get("type") != _RESPONSE:
        return ()
    approvals = payload.get("approvals")
    if not isinstance(approvals, list):
        raise MalformedEnvelope("the decision holds no list of approvals")
    decisions = tuple(_decision(each) for each in approvals)
    decided = [each.id for each in decisions]
    if len(set(decided)) != len(decided):
        raise MalformedEnvelope("the decision decides twice on one approval")
    if missing := set(waiting) - set(decided):
        raise MalformedEnvelope(f"the decision leaves out {', '.join(sorted(missing))}")
    if unknown := set(decided) - set(waiting):
        raise MalformedEnvelope(f"nothing waits for {', '.join(sorted(each[:80] for each in unknown))}")
    return decisions


def _payload(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the extension's part of a message that declares the extension, and only of such a one."""
    extensions, metadata = message.get("extensions"), message.get("metadata")
    if not isinstance(extensions, list) or EXTENSION not in extensions:
        return None
    payload = metadata.get(EXTENSION) if isinstance(metadata, Mapping) else None
    if not isinstance(payload, Mapping):
        raise MalformedEnvelope(f"the message declares {EXTENSION} and has no metadata of it")
    return payload


def _asked(tool: object) -> Asked:
    if not isinstance(tool, Mapping):
        raise MalformedEnvelope("a tool call that waits is no object")
    identifier, call, name = tool.get("id"), tool.get("call_id"), tool.get("name")
    if not (isinstance(identifier, str) and identifier and isinstance(call, str) and isinstance(name, str) and name):
        raise MalformedEnvelope("a tool call that waits lacks id, call_id or name")
    arguments = tool.get("args")
    if arguments is not None and not isinstance(arguments, Mapping):
        raise MalformedEnvelope("the arguments of a tool call that waits are no object")
    return Asked(identifier, call, name, dict(arguments or {}))


def _decision(approval: object) -> Decision:
    if not isinstance(approval, Mapping):
        raise MalformedEnvelope("a decision is no object")
    identifier, approved = approval.get("id"), approval.get("approved")
    if not isinstance(identifier, str) or not identifier or not isinstance(approved, bool):
        raise MalformedEnvelope("a decision needs an id, and true or false under `approved`")
    reason = approval.get("rejection_reason")
    return Decision(identifier, approved, reason[:_LONGEST_REASON] if isinstance(reason, str) else "")
