"""What a body says, as text for a person: A2A, MCP and model bodies by their content, the rest as it is."""

from typing import Any, Final

import msgspec

from lictor.protocols.a2a import reading as a2a
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.mcp import reading as mcp

_LONGEST: Final = 20_000


def say(kind: str, body: bytes) -> str:
    """Return the text of a body; never raises: what cannot be read is named by its size. At most 20 000 characters."""
    if not body:
        return ""
    try:
        text = _read(kind, body)
    except (MalformedEnvelope, msgspec.DecodeError, RecursionError):
        text = _plain(body)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _read(kind: str, body: bytes) -> str:
    match kind:
        case "a2a":
            request = a2a.read_request(body)
            return request.text or request.method
        case "mcp":
            return _mcp_request(body)
        case "model":
            return _model_request(_mapping(msgspec.json.decode(body)))
        case "reply":
            return _answer(body)
    return _plain(body)


def _mcp_request(body: bytes) -> str:
    call = mcp.read_request(body)
    if not call.tool:
        return call.method
    arguments = ", ".join(f"{name}={_json(value)}" for name, value in call.arguments.items())
    return f"{call.tool}({arguments})"


def _model_request(document: dict[str, Any]) -> str:
    messages = document.get("messages")
    last = _mapping(messages[-1]) if isinstance(messages, list) and messages else {}
    return _content(last) or _plain(msgspec.json.encode(document))


def _answer(body: bytes) -> str:
    document = _mapping(msgspec.json.decode(body))
    if "choices" in document:
        choices = document["choices"]
        first = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
        return _content(_mapping(first.get("message") or first.get("delta")))
    result = _mapping(document.get("result"))
    if "tools" in result:
        tools = result["tools"] if isinstance(result["tools"], list) else []
        return "tools: " + ", ".join(str(_mapping(tool).get("name", "")) for tool in tools)
    if "content" in result or "structuredContent" in result:
        answer = mcp.read_answer(body)
        return answer.text or _json(dict(answer.structured))
    if "jsonrpc" in document:
        outcome = a2a.read_answer(body)
        return outcome.text or outcome.error or outcome.state or _json(result)
    return _plain(body)


def _content(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        content = "\n".join(str(_mapping(part).get("text", "")) for part in content)
    if isinstance(content, str) and content:
        return content
    calls = message.get("tool_calls")
    functions = [_mapping(_mapping(call).get("function")) for call in calls] if isinstance(calls, list) else []
    return "\n".join(f"{function.get('name', '')}({function.get('arguments', '')})" for function in functions)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _plain(body: bytes) -> str:
    try:
        return body[: 4 * _LONGEST].decode()
    except UnicodeDecodeError as error:
        if error.start >= 4 * _LONGEST - 4:
            return body[: error.start].decode()
        return f"‹{len(body)} bytes›"
