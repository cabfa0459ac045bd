"""The digest that an approval binds to: SHA-256 over the one way to write the exact action down.

The text is JSON in UTF-8 without spaces, keys in order of their code points, numbers as Python writes them, of:

    ["lictor-approval-2", sender, target, kind, method, tool, arguments, rest, task, context, step, content_type]

`arguments` are those of a tool call, else null. `rest` is whatever else the body says, without the ids that its
sender made up for it: {} for a plain tool call, the whole request for any other message. `context`, `step` and
`content_type` are the headers that its receiver may act on. What else is delivered is the enforcer's own, or differs
from one message to the next and means nothing: its id, its parent's, the trace, hops and the deadline.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from lictor.guardrails.action import Action, calls_tool
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

SCHEME: Final = "lictor-approval-2"
_PLAIN: Final[Mapping[str, Any]] = {"jsonrpc": "2.0", "method": "tools/call"}


class Ambiguous(ValueError):
    """Raised when what a person would be shown is not certain to be what the receiver reads."""


class Deed(msgspec.Struct, frozen=True):
    """The exact action of one message."""

    sender: str
    target: str
    kind: str
    method: str
    tool: str
    """Tool, or else model."""
    arguments: bytes
    """Canonical JSON; empty when the message is no tool call."""
    rest: bytes
    """Canonical JSON of what else the body says."""
    task: str
    digest: str
    """In hex."""
    context: str = ""
    step: str = ""
    content_type: str = ""
    likeness: str = ""
    """Digest without context, step and content type: what was denied is not asked for again under another step."""


def deed_of(envelope: Envelope, action: Action) -> Deed:
    """Return the exact action of a message; raises Ambiguous when it cannot be shown as it is."""
    document = read_exactly(envelope.body)
    arguments: Any = None
    rest: Any = document
    if isinstance(document, dict):
        rest = {name: value for name, value in document.items() if name != "id"}
        if calls_tool(envelope.kind, action):
            arguments, rest = _split(rest)
        elif envelope.kind is Kind.A2A:
            rest = _without_message_id(rest)
    kind = envelope.kind.value
    tool = action.tool or action.model
    parts = [SCHEME, envelope.sender, envelope.target, kind, action.method, tool, arguments, rest, envelope.task]
    headers = [envelope.context, envelope.step, envelope.content_type]
    return Deed(
        sender=envelope.sender,
        target=envelope.target,
        kind=kind,
        method=action.method,
        tool=tool,
        arguments=b"" if arguments is None else canonical(arguments),
        rest=canonical(rest),
        task=envelope.task,
        digest=hashlib.sha256(canonical([*parts, *headers])).hexdigest(),
        context=envelope.context,
        step=envelope.step,
        content_type=envelope.content_type,
        likeness=hashlib.sha256(canonical(parts)).hexdigest(),
    )


def read_exactly(body: bytes) -> Any:  # noqa: ANN401 -- any JSON value
    """Return the one value that JSON stands for.

    Raises Ambiguous when readers may differ: a key that is given twice, or a number that does not fit.
    """
    if not body:
        return None
    try:
        return json.loads(body, object_pairs_hook=_distinct, parse_float=_exact, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise error if isinstance(error, Ambiguous) else Ambiguous(f"the body is no JSON: {error}") from None


def canonical(value: object) -> bytes:
    """Return the one way to write a JSON value; raises Ambiguous for text that UTF-8 cannot hold."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode()
    except (UnicodeEncodeError, ValueError, RecursionError) as error:
        raise Ambiguous(f"it cannot be written down: {error}") from None


def with_arguments(body: bytes, arguments: object) -> bytes:
    """Return the body of a tool call with other arguments; everything else stays. Raises Ambiguous."""
    document = read_exactly(body)
    if not isinstance(document, dict) or not isinstance(document.get("params"), dict):
        raise Ambiguous("it is no tool call, and only the arguments of tool calls can be edited")
    document["params"]["arguments"] = arguments
    return canonical(document)


def _split(document: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the arguments of a tool call, and what it says beside what every tool call says."""
    params = document.get("params")
    if not isinstance(params, dict):
        return {}, document
    arguments = params.get("arguments", {})
    beside = {name: value for name, value in params.items() if name not in {"name", "arguments"}}
    rest = {
        name: value
        for name, value in document.items()
        if name != "params" and not (name in _PLAIN and value == _PLAIN[name])
    }
    return arguments, (rest | {"params": beside} if beside else rest)


def _without_message_id(document: dict[str, Any]) -> dict[str, Any]:
    params = document.get("params")
    message = params.get("message") if isinstance(params, dict) else None
    if not isinstance(params, dict) or not isinstance(message, dict):
        return document
    plain = {name: value for name, value in message.items() if name != "messageId"}
    return document | {"params": params | {"message": plain}}


def _distinct(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Ambiguous(f"the key {name[:80]!r} is given twice, and readers may differ in which they take")
        found[name] = value
    return found


def _exact(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")} or Decimal(text) != Decimal(repr(value)):
        raise Ambiguous(f"the number {text[:40]} cannot be held exactly")
    return value


def _no_number(text: str) -> float:
    raise Ambiguous(f"{text} is no number of JSON")
