"""Data taint on A2A messages: labels as the metadata member `dataTaint`, for peers that keep labels too.

The member is the one proposed in a2aproject/A2A issue 2041: `{"dataTaint": {"labels": [...]}}` on messages, tasks and
artifacts. What a peer claims can only add to what is known of its message; nothing is believed for its absence.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

MEMBER: Final = "dataTaint"
EXTERNAL: Final = "untrusted-external"
"""What the proposal calls data of strangers."""

_UNTRUSTED: Final = "untrusted"
_MOST: Final = 64
_LONGEST: Final = 128


def add_taint(body: bytes, words: Iterable[str]) -> bytes:
    """Return an A2A request or answer whose messages, tasks and artifacts say these labels beside what they say.

    A body that is no JSON object, or holds none of them, is returned as it is.
    """
    labels = [EXTERNAL if word == _UNTRUSTED else word for word in words]
    if not labels:
        return body
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body
    bearers = list(_bearers(document))
    for bearer in bearers:
        metadata = bearer.get("metadata")
        metadata = dict(metadata) if isinstance(metadata, dict) else {}
        taint = metadata.get(MEMBER)
        taint = dict(taint) if isinstance(taint, dict) else {}
        taint["labels"] = list(dict.fromkeys([*_claimed(taint), *labels]))
        bearer["metadata"] = metadata | {MEMBER: taint}
    return msgspec.json.encode(document) if bearers else body


def read_taint(body: bytes) -> tuple[str, ...]:
    """Return the labels that an A2A request or answer claims, in Lictor's words; at most 64, each once."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ()
    found: list[str] = []
    for bearer in _bearers(document):
        metadata = bearer.get("metadata")
        taint = metadata.get(MEMBER) if isinstance(metadata, dict) else None
        if isinstance(taint, dict):
            found += [_UNTRUSTED if label == EXTERNAL else label for label in _claimed(taint)]
    return tuple(dict.fromkeys(found))[:_MOST]


def _claimed(taint: dict[str, Any]) -> list[str]:
    labels = taint.get("labels")
    if not isinstance(labels, list):
        return []
    return [label for label in labels[:_MOST] if isinstance(label, str) and 0 < len(label) <= _LONGEST]


def _bearers(document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 -- any JSON
    if not isinstance(document, dict):
        return
    params, result = _object(document.get("params")), _object(document.get("result"))
    status = _object(_object(result.get("statusUpdate")).get("status"))
    artifact = _object(result.get("artifactUpdate")).get("artifact")
    for each in (params.get("message"), result.get("message"), status.get("message"), artifact):
        if isinstance(each, dict):
            yield each
    task = result.get("task") if isinstance(result.get("task"), dict) else result if "status" in result else None
    if isinstance(task, dict):
        yield task
        for each in task["artifacts"] if isinstance(task.get("artifacts"), list) else ():
            if isinstance(each, dict):
                yield each


def _object(value: Any) -> dict[str, Any]:  # noqa: ANN401 -- any JSON
    return value if isinstance(value, dict) else {}
