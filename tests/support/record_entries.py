"""Record entries and batches as an enforcer would make them, with only what a test cares about spelt out."""

from typing import Any

import msgspec

from lictor.protocols.a2a.writing import send_message
from lictor.protocols.identifiers import new_id
from lictor.protocols.record import ApprovalEntry, MessageEntry, RecordBatch, VerdictEntry

AT = 1_790_000_000.0


def a_verdict(layer: str = "route", outcome: str = "allow", **given: Any) -> VerdictEntry:
    fields: dict[str, Any] = {
        "layer": layer,
        "outcome": outcome,
        "code": "",
        "reason": "",
        "rule": "",
        "file": "",
        "line": 0,
        "obligations": (),
        "cost_us": 12.5,
    }
    return VerdictEntry(**(fields | given))


ALLOWED = (a_verdict("identify"), a_verdict("admit"), a_verdict("route"))


def a_denial(reason: str = "no such edge", **given: Any) -> tuple[VerdictEntry, ...]:
    where = {"code": "route.no_edge", "rule": "data.lictor.rules.route.edge.deny", "file": "desk.yaml", "line": 7}
    told: dict[str, Any] = {"outcome": "deny", "reason": reason} | where | given
    return (a_verdict("identify"), a_verdict("admit"), a_verdict("route", **told))


def an_entry(**given: Any) -> MessageEntry:
    fields: dict[str, Any] = {
        "id": new_id(),
        "at": AT,
        "enforcer": "enforcer",
        "bundle": "0123456789ab",
        "sender": "triage",
        "target": "writer",
        "kind": "a2a",
        "outcome": "allow",
        "body": b"{}",
        "task": "",
        "context": "",
        "parent": "",
        "in_reply_to": "",
        "step": "",
        "hops": 1,
        "end": True,
        "trace": "",
        "content_type": "application/json",
        "labels": "",
        "method": "SendMessage",
        "cost_us": 40.0,
        "verdicts": ALLOWED,
    }
    fields |= given
    fields.setdefault("size", len(fields["body"]))
    return MessageEntry(**fields)


def a_question(task: str, text: str = "How do I reset it?", **given: Any) -> MessageEntry:
    fields = {"sender": "op-cli", "target": "triage", "task": task, "body": send_message(text, task=task)}
    return an_entry(**(fields | given))


def an_answer(
    request: MessageEntry, text: str = "Hold the button.", state: str = "COMPLETED", **given: Any
) -> MessageEntry:
    told = {
        "id": "t1",
        "status": {"state": f"TASK_STATE_{state}", "message": {"parts": [{"text": f"status {state}"}]}},
        "artifacts": [{"artifactId": "a", "parts": [{"text": text}]}] if text else [],
    }
    fields: dict[str, Any] = {
        "sender": request.target,
        "target": request.sender,
        "kind": "reply",
        "in_reply_to": request.id,
        "parent": request.id,
        "task": request.task,
        "method": "",
        "body": msgspec.json.encode({"jsonrpc": "2.0", "id": "1", "result": {"task": told}}),
    }
    return an_entry(**(fields | given))


def an_approval(**given: Any) -> ApprovalEntry:
    fields: dict[str, Any] = {
        "id": "a" * 32,
        "at": AT,
        "state": "pending",
        "message": "b" * 32,
        "task": "",
        "sender": "triage",
        "target": "tool-mail",
        "tool": "send",
        "arguments": b'{"to":"x@example.org"}',
        "digest": "c" * 64,
        "reason": "an untrusted recipient",
        "code": "flow.ask",
        "rule": "data.lictor.rules.flow.contract.ask",
        "file": "desk.yaml",
        "line": 9,
        "labels": "internal,untrusted",
        "until": AT + 600,
        "by": "",
        "note": "",
    }
    return ApprovalEntry(**(fields | given))


def a_batch(
    sequence: int, *entries: MessageEntry, instance: str = "i1", enforcer: str = "enforcer", **given: Any
) -> RecordBatch:
    return RecordBatch(enforcer, sequence, entries or (an_entry(),), instance, **given)
