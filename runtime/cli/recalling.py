"""What is known of a message on record beside what the policy was asked about it: enough to ask another bundle."""

from typing import Any, Final

import msgspec

from lictor.guardrails.action import Action, calls_tool, read_action, read_arguments
from lictor.guardrails.verdict import Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.subjects import Kind
from lictor.runtime.store.audit.linked import Linked
from lictor.runtime.store.results import Message
from lictor.runtime.store.results import Verdict as Recorded

_DAY: Final = 1440
_MONDAY: Final = 4
_LEVELS: Final = ("secret", "internal")
_UNTRUSTED: Final = "untrusted"
_OUTCOMES: Final = {outcome.word: outcome for outcome in Outcome}


def recall(message: Message, request_kind: str = "") -> dict[str, Any]:
    """Return what the record tells of a message, by field of the policy's input.

    Sources of labels are not among it, and arguments only when the body is there as it was sent.
    """
    known: dict[str, Any] = {
        "sender": message.sender,
        "target": message.target,
        "kind": message.kind,
        "size": message.size,
        "now": _moment(message.at),
        "labels": _labels(message.labels),
    }
    if message.kind != Kind.REPLY.value:
        known["request_kind"] = ""
    elif request_kind:
        known["request_kind"] = request_kind
    return known | _read_body(message, request_kind)


def verdicts_of(message: Message) -> tuple[Verdict, ...]:
    """Return the recorded verdicts as the pipeline has them; outcomes that no layer says are left out."""
    return tuple([_verdict(each) for each in message.verdicts if each.outcome in _OUTCOMES])


def from_export(entry: Linked) -> Message:
    """Return a message of an export; a body that was withheld is empty."""
    row: dict[str, Any] = {name: value if value is not None else b"" for name, value in entry.row.items()}
    names = [name for name in Recorded.__dataclass_fields__ if name != "obligations"]
    verdicts = tuple(
        [
            Recorded(
                **{name: each[name] for name in names},
                obligations=tuple(msgspec.json.decode(each["obligations"], type=list[str])),
            )
            for each in entry.verdicts
        ]
    )
    return Message(**row, said="", verdicts=verdicts, link=entry.link, chain=entry.chain)


def _verdict(recorded: Recorded) -> Verdict:
    return Verdict(
        recorded.layer,
        _OUTCOMES[recorded.outcome],
        recorded.code,
        recorded.reason,
        recorded.rule,
        recorded.file,
        recorded.line,
        recorded.obligations,
        recorded.facts,
    )


def reopen(message: Message, request_kind: str = "") -> Envelope | None:
    """Return the message as it was judged; None when its body is not on record as it was sent."""
    if len(message.body) != message.size or message.digest:
        return None
    try:
        return Envelope(
            id=message.id,
            sender=message.sender,
            target=message.target,
            kind=Kind(message.kind),
            body=message.body,
            request_kind=Kind(request_kind) if request_kind else None,
            task=message.task,
            end=message.ends,
        )
    except ValueError:
        return None


def _read_body(message: Message, request_kind: str) -> dict[str, Any]:
    envelope = reopen(message, request_kind)
    if envelope is None:
        return {}
    try:
        action = read_action(envelope)
        arguments = _arguments(envelope.kind, action)
    except MalformedEnvelope:
        return {}
    return {"method": action.method, "tool": action.tool, "model": action.model, "arguments": arguments}


def _arguments(kind: Kind, action: Action) -> Any:  # noqa: ANN401 -- any JSON value
    return read_arguments(action) if calls_tool(kind, action) else {}


def _moment(at: float) -> dict[str, int]:
    minutes = int(at // 60)
    return {"minute": minutes % _DAY, "weekday": (minutes // _DAY - _MONDAY) % 7}


def _labels(text: str) -> dict[str, Any]:
    words = [word for word in text.split(",") if word]
    return {
        "level": next((level for level in _LEVELS if level in words), "public"),
        "untrusted": _UNTRUSTED in words,
        "tags": sorted(word for word in words if word not in {*_LEVELS, _UNTRUSTED}),
    }
