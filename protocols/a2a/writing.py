"""Writing A2A requests without the SDK: for callers that must start fast."""

import msgspec

from lictor.protocols.identifiers import new_id


def send_message(
    text: str, *, context: str = "", task: str = "", streaming: bool = False, identifier: str = ""
) -> bytes:
    """Return the body of a `SendMessage` (or `SendStreamingMessage`) request with one text part."""
    message: dict[str, object] = {
        "messageId": identifier or new_id(),
        "role": "ROLE_USER",
        "parts": [{"text": text}],
    }
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
