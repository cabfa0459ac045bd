"""The enforcer as a tool server: a call that the policy let through is done between two messages, and answered."""

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from lictor.guardrails.action import Action, read_arguments
from lictor.guardrails.verdict import Judgement, Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.identifiers import new_id
from lictor.protocols.subjects import Kind
from lictor.runtime.enforcer.entries import Author, describe
from lictor.runtime.enforcer.operations.operation import Operation, OperationFailed, OperatorCall
from lictor.runtime.enforcer.packets import delivery
from lictor.runtime.enforcer.turn import Turn

_UNKNOWN_METHOD: Final = -32601
_SCHEMA: Final = {"type": "object"}


class _Request(msgspec.Struct, frozen=True):
    id: int | str | None = None


def operate(
    author: Author, operations: Mapping[str, Operation], envelope: Envelope, action: Action, turn: Turn
) -> None:
    """Do what a judged message asks of the enforcer; answer it, and record the answer like any other."""
    answer = _answer(operations, envelope, action, turn)
    if not envelope.reply_to:
        return
    answer["jsonrpc"] = "2.0"
    answer["id"] = msgspec.json.decode(envelope.body, type=_Request).id
    reply = Envelope(
        id=new_id(turn.now),
        sender=author.enforcer,
        target=envelope.sender,
        kind=Kind.REPLY,
        body=json.dumps(answer).encode(),
        in_reply_to=envelope.id,
        request_kind=Kind.MCP,
        task=envelope.task,
        context=envelope.context,
        parent=envelope.id,
        content_type="application/json",
    )
    verdict = Verdict("operate", Outcome.ALLOW, "", "the enforcer's own answer")
    judgement = Judgement(Outcome.ALLOW, (verdict,), verdict, (0.0,))
    turn.entries.append(describe(author, reply, action, judgement, turn.now, hops=1, size=len(reply.body)))
    turn.out.append(delivery(envelope.reply_to, reply, 1))


def _answer(operations: Mapping[str, Operation], envelope: Envelope, action: Action, turn: Turn) -> dict[str, Any]:
    if action.method == "tools/list":
        tools = [
            {"name": each.name, "description": each.summary, "inputSchema": _SCHEMA} for each in operations.values()
        ]
        return {"result": {"tools": tools}}
    if action.method == "ping":
        return {"result": {}}
    if action.method != "tools/call":
        return {"error": {"code": _UNKNOWN_METHOD, "message": f"the enforcer knows no method {action.method!r}"}}
    try:
        arguments = read_arguments(action)
        effect = _find(operations, action.tool).run(OperatorCall(envelope, _as_object(arguments), turn.now))
    except OperationFailed as error:
        return _result({"error": {"code": error.code, "message": str(error)}}, failed=True)
    except MalformedEnvelope as error:
        return _result({"error": {"code": "operate.arguments", "message": str(error)}}, failed=True)
    turn.out += effect.packets
    turn.entries += effect.entries
    turn.approvals += effect.approvals
    return _result(effect.answer, failed=False)


def _find(operations: Mapping[str, Operation], name: str) -> Operation:
    if name not in operations:
        known = ", ".join(sorted(operations))
        raise OperationFailed("operate.unknown", f"the enforcer has no operation {name!r}: use {known}")
    return operations[name]


def _as_object(arguments: Any) -> dict[str, Any]:  # noqa: ANN401 -- whatever JSON the caller sent
    if not isinstance(arguments, dict):
        raise OperationFailed("operate.arguments", "the arguments are a JSON object")
    return arguments


def _result(content: Mapping[str, Any], *, failed: bool) -> dict[str, Any]:
    text = {"type": "text", "text": json.dumps(content)}
    return {"result": {"content": [text], "structuredContent": dict(content), "isError": failed}}
