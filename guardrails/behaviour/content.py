"""What a message says, without what changes in every message anyway: ids, times, the order of keys."""

import re
from typing import Final

import msgspec

from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

SAID: Final = frozenset({"SendMessage", "SendStreamingMessage", "message/send", "message/stream"})
"""A2A methods that say something; the others ask for the state of a task, which may be asked often."""
_MOST: Final = 65_536
"""Bytes that count: what is longer is told apart by its beginning and its length."""
_CANONICAL: Final = 4096
_COMPARED: Final = 512
"""Bytes in which noise is looked for, at the beginning: it is looked for in near duplicates alone."""
_CHANGING: Final = b"0123456789abcdefABCDEF-.:+ \t\r\n"
"""Without these, texts that differ in counters, times, UUIDs and digests alone are equal."""
_NOISY_KEY: Final = re.compile(
    rb'"(?:attempt|retry|retries|try|tries|iteration|nonce|seq|sequence|request_?id|trace_?id|ts|time|timestamp|salt)"'
    rb':(?:"[^"]{0,64}"|-?[0-9.eE+]{1,32})'
)
_COUNTED: Final = re.compile(rb"\b(?:attempt|retry|try|iteration|round|take)[ #:=]{0,2}[0-9]{1,6}")
_COUNTED_WORDS: Final = (b"attempt", b"retry", b"try", b"iteration", b"round", b"take")
_TOKEN: Final = re.compile(rb"\b[0-9a-f][0-9a-ftz:.+-]{6,127}")
_TIME: Final = re.compile(
    rb"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T?)?[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
    rb"|1[5-9][0-9]{8}(?:[0-9]{3}|[0-9]{6}|[0-9]{9})?(?:[.][0-9]{1,9})?"
    rb"|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    rb"|[0-9a-fA-F]{16,128}"
)
_NUMBER: Final = re.compile(rb"\d{1,18}")
_MOST_NUMBERS: Final = 16


class _Part(msgspec.Struct, frozen=True, gc=False):
    text: str = ""
    data: msgspec.Raw = msgspec.Raw(b"")


class _Message(msgspec.Struct, frozen=True, gc=False):
    parts: list[_Part] = []


class _Params(msgspec.Struct, frozen=True, gc=False):
    message: _Message = _Message()


class _Request(msgspec.Struct, frozen=True, gc=False):
    params: _Params = _Params()


class _Artifact(msgspec.Struct, frozen=True, gc=False):
    parts: list[_Part] = []


class _Status(msgspec.Struct, frozen=True, gc=False):
    state: str = ""
    message: _Message | None = None


class _Task(msgspec.Struct, frozen=True, gc=False):
    status: _Status = _Status()
    artifacts: list[_Artifact] = []


class _Result(msgspec.Struct, frozen=True, gc=False):
    task: _Task | None = None
    message: _Message | None = None


class _A2aAnswer(msgspec.Struct, frozen=True, gc=False):
    result: _Result | None = None
    error: msgspec.Raw = msgspec.Raw(b"")


class _McpAnswer(msgspec.Struct, frozen=True, gc=False):
    result: msgspec.Raw = msgspec.Raw(b"")
    error: msgspec.Raw = msgspec.Raw(b"")


_request: Final = msgspec.json.Decoder(_Request)
_a2a_answer: Final = msgspec.json.Decoder(_A2aAnswer)
_mcp_answer: Final = msgspec.json.Decoder(_McpAnswer)
_decode: Final = msgspec.json.decode
_encode: Final = msgspec.json.Encoder(order="sorted").encode
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError)


class Said(msgspec.Struct, frozen=True, gc=False):
    """What an answer says."""

    content: bytes
    failed: bool


def canonical(arguments: bytes) -> bytes:
    """Return arguments with their keys in order and without blanks; what is long or no JSON as it is."""
    if len(arguments) > _CANONICAL:
        return _bounded(arguments)
    try:
        return _encode(_decode(arguments)) if arguments else b""
    except _UNREADABLE:
        return arguments


def read_text(body: bytes) -> bytes:
    """Return what an A2A request says, without its ids; a body that is read otherwise as it is."""
    try:
        parts = _request.decode(body).params.message.parts
    except _UNREADABLE:
        return _bounded(body)
    if len(parts) == 1 and not parts[0].data:
        return _bounded(parts[0].text.encode())
    return _bounded(_joined(parts))


def read_answer(envelope: Envelope) -> Said:
    """Return what an answer to a tool call or to an A2A request says; one that cannot be read says its body."""
    body = envelope.body
    try:
        if envelope.request_kind is Kind.MCP:
            told = _mcp_answer.decode(body)
            if told.error:
                return Said(_bounded(bytes(told.error)), True)
            result = bytes(told.result)
            return Said(_bounded(result), b'"isError":true' in result or b'"isError": true' in result)
        answer = _a2a_answer.decode(body)
        if answer.error or answer.result is None:
            return Said(_bounded(bytes(answer.error)), bool(answer.error))
        return _told(answer.result, body)
    except _UNREADABLE:
        return Said(_bounded(body), False)


def without_changing(content: bytes) -> bytes:
    """Return a text without digits, hexadecimal letters and blanks: near duplicates become equal."""
    return content.translate(None, _CHANGING)


def without_noise(content: bytes) -> bytes:
    """Return a text without times, random ids and counters of attempts; other numbers stay."""
    text = content[:_COMPARED].lower()
    if b'"' in text:
        text = _NOISY_KEY.sub(b"", text)
    if any(word in text for word in _COUNTED_WORDS):
        text = _COUNTED.sub(b"", text)
    return _TOKEN.sub(_unless_noise, text) + content[_COMPARED:]


def _unless_noise(token: re.Match[bytes]) -> bytes:
    found = token[0]
    return b"" if _TIME.fullmatch(found.rstrip(b".:-+").upper()) else found


def numbers(content: bytes) -> tuple[int, ...]:
    """Return the first numbers in a text."""
    return tuple([int(found) for found in _NUMBER.findall(content[:_COMPARED])[:_MOST_NUMBERS]])


def _told(result: _Result, body: bytes) -> Said:
    if result.message is not None:
        return Said(_bounded(_joined(result.message.parts)), False)
    if result.task is None:
        return Said(_bounded(body), False)
    status = result.task.status
    said = [_joined(artifact.parts) for artifact in result.task.artifacts]
    if status.message is not None:
        said.append(_joined(status.message.parts))
    return Said(_bounded(b"\0".join((status.state.encode(), *said))), status.state in _FAILED)


_FAILED: Final = frozenset({"TASK_STATE_FAILED", "TASK_STATE_REJECTED", "failed", "rejected"})


def _joined(parts: list[_Part]) -> bytes:
    return b"\0".join([part.text.encode() + bytes(part.data) for part in parts])


def _bounded(content: bytes) -> bytes:
    if len(content) <= _MOST:
        return content
    return content[:_MOST] + str(len(content)).encode()
