"""Reading A2A bodies without the SDK: what the enforcer, the record and the command line need of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from lictor.protocols.errors import MalformedEnvelope


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that an answer rests on."""

    file: str
    heading: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What one A2A request asks."""

    id: str | int | None
    method: str
    """`SendMessage`, `SendStreamingMessage`, `GetTask`, …"""
    text: str = ""
    """Text parts of the message, joined by blank lines; empty for other methods."""
    task: str = ""
    context: str = ""
    citations: tuple[Citation, ...] = ()
    """Citations that the sender attached."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one A2A answer, or one event of a streamed answer, tells."""

    state: str = ""
    """`completed`, `failed`, `working`, …; empty when the answer tells no state."""
    text: str = ""
    """Text of the artifacts or of the bare message; of a failed task, the sentence of its status."""
    task: str = ""
    context: str = ""
    citations: tuple[Citation, ...] = ()
    model: str = ""
    """Model that the agent says it used."""
    code: int = 0
    """JSON-RPC error code; 0 when the answer is no error."""
    error: str = ""
    """JSON-RPC error message."""
    append: bool = False
    """For a part of an artifact: its text continues what came before; otherwise it replaces it."""
    last: bool = False
    """For a part of an artifact: it is the last one, and holds the whole artifact when `append` is false."""


def read_request(body: bytes) -> Request:
    """Read a request body; raises MalformedEnvelope when it is not JSON-RPC 2.0."""
    document = _document(body)
    method = document.get("method")
    if not isinstance(method, str) or not method:
        raise MalformedEnvelope("the A2A body names no method")
    params = _mapping(document.get("params"))
    message = _mapping(params.get("message"))
    parts = _parts(message)
    task = message.get("taskId") or (params.get("id") if not message else "")
    return Request(
        id=_identifier(document),
        method=method,
        text="\n\n".join(_texts(parts)),
        task=_text(task),
        context=_text(message.get("contextId") or params.get("contextId")),
        citations=_citations(parts),
    )


def read_answer(body: bytes) -> Outcome:
    """Read an answer body; raises MalformedEnvelope when it is not JSON-RPC 2.0."""
    document = _document(body)
    if "error" in document:
        error = _mapping(document["error"])
        code = error.get("code")
        return Outcome(code=code if isinstance(code, int) and code else -32603, error=_text(error.get("message")))
    if "result" not in document:
        raise MalformedEnvelope("the A2A answer holds neither a result nor an error")
    return read_result(_mapping(document["result"]))


def read_result(result: dict[str, Any]) -> Outcome:
    """Read the result of an answer, or an event of a stream, that is already decoded."""
    for name, read in (("statusUpdate", _status_update), ("artifactUpdate", _artifact_update), ("message", _message)):
        if name in result:
            return read(_mapping(result[name]))
    return _task(_mapping(result.get("task", result)))


def _task(task: dict[str, Any]) -> Outcome:
    artifacts = task.get("artifacts")
    parts = [part for each in artifacts for part in _parts(_mapping(each))] if isinstance(artifacts, list) else []
    status = _mapping(task.get("status"))
    said = "\n\n".join(_texts(_parts(_mapping(status.get("message")))))
    return Outcome(
        state=_state(status),
        text="\n\n".join(_texts(parts)) or said,
        task=_text(task.get("id")),
        context=_text(task.get("contextId")),
        citations=_citations(parts),
        model=_model(parts),
    )


def _status_update(update: dict[str, Any]) -> Outcome:
    status = _mapping(update.get("status"))
    said = "\n\n".join(_texts(_parts(_mapping(status.get("message")))))
    return Outcome(_state(status), said, _text(update.get("taskId")), _text(update.get("contextId")))


def _artifact_update(update: dict[str, Any]) -> Outcome:
    parts = _parts(_mapping(update.get("artifact")))
    return Outcome(
        text="\n\n".join(_texts(parts)),
        task=_text(update.get("taskId")),
        context=_text(update.get("contextId")),
        citations=_citations(parts),
        model=_model(parts),
        append=update.get("append") is True,
        last=update.get("lastChunk") is True,
    )


def _message(message: dict[str, Any]) -> Outcome:
    parts = _parts(message)
    return Outcome(
        state="completed",
        text="\n\n".join(_texts(parts)),
        task=_text(message.get("taskId")),
        context=_text(message.get("contextId")),
        citations=_citations(parts),
        model=_model(parts),
    )


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedEnvelope("the A2A body is not JSON") from error
    if not isinstance(document, dict) or document.get("jsonrpc") != "2.0":
        raise MalformedEnvelope("the A2A body is not a JSON-RPC 2.0 object")
    return document


def _identifier(document: dict[str, Any]) -> str | int | None:
    identifier = document.get("id")
    return identifier if isinstance(identifier, str | int) and not isinstance(identifier, bool) else None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _state(status: dict[str, Any]) -> str:
    return _text(status.get("state")).removeprefix("TASK_STATE_").lower().replace("_", "-")


def _parts(holder: dict[str, Any]) -> list[dict[str, Any]]:
    parts = holder.get("parts")
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _texts(parts: list[dict[str, Any]]) -> Iterator[str]:
    return (part["text"] for part in parts if isinstance(part.get("text"), str) and part["text"])


def _data(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (part["data"] for part in parts if isinstance(part.get("data"), dict))


def _citations(parts: list[dict[str, Any]]) -> tuple[Citation, ...]:
    found = (each for data in _data(parts) if isinstance(data.get("citations"), list) for each in data["citations"])
    return tuple(
        Citation(_text(each.get("file")), _text(each.get("heading")), _text(each.get("quote")))
        for each in found
        if isinstance(each, dict)
    )


def _model(parts: list[dict[str, Any]]) -> str:
    return next((data["model"] for data in _data(parts) if isinstance(data.get("model"), str)), "")
