"""Writing A2A requests without the SDK: for callers that must start fast."""

from collections.abc import Iterable
from typing import Any

import msgspec

from lictor.protocols.a2a.reading import Citation
from lictor.protocols.identifiers import new_id


def attachment(citations: Iterable[Citation], model: str = "") -> dict[str, Any]:
    """Return the document of a data part that carries citations and, with an answer, the model that wrote it."""
    listed = [{"file": each.file, "heading": each.heading, "quote": each.quote} for each in citations]
    return {"citations": listed, "model": model} if model else {"citations": listed}


def send_message(
    text: str,
    *,
    context: str = "",
    task: str = "",
    streaming: bool = False,
    identifier: str = "",
    citations: Iterable[Citation] = (),
) -> bytes:
    """Return the body of a `SendMessage` (or `SendStreamingMessage`) request: one text part, and its citations."""
    parts: list[dict[str, object]] = [{"text": text}]
    document = attachment(citations)
    if document["citations"]:
        parts.append({"data": document, "mediaType": "application/json"})
    message: dict[str, object] = {"messageId": identifier or new_id(), "role": "ROLE_USER", "parts": parts}
    if context:
        message["contextId"] = context
    if task:
        message["taskId"] = task
    return _request("SendStreamingMessage" if streaming else "SendMessage", {"message": message})


def get_task(task: str) -> bytes:
    """Return the body of a `GetTask` request."""
    return _request("GetTask", {"id": task})


def cancel_task(task: str) -> bytes:
    """Return the body of a `CancelTask` request."""
    return _request("CancelTask", {"id": task})


def _request(method: str, params: dict[str, object]) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "id": new_id(), "method": method, "params": params})
