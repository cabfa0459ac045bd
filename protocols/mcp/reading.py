"""Reading MCP bodies without the SDK: what the enforcer, the record and the command line need of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lictor.protocols.errors import MalformedEnvelope


@dataclass(frozen=True, slots=True)
class Request:
    """What one MCP request asks."""

    id: str | int | None
    method: str
    """`tools/call`, `tools/list`, `ping`."""
    tool: str = ""
    """For `tools/call`, the tool's name."""
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What one MCP answer tells of a tool call."""

    text: str = ""
    """Text blocks, joined by line feeds; of an error, its message."""
    is_error: bool = False
    structured: Mapping[str, Any] = field(default_factory=dict)
    code: int = 0
    """JSON-RPC error code; 0 when the far side answered with a result."""


def read_request(body: bytes) -> Request:
    """Read a request body; raises MalformedEnvelope when it is not a JSON-RPC 2.0 request."""
    document = _document(body)
    method = document.get("method")
    if not isinstance(method, str) or not method:
        raise MalformedEnvelope("the MCP body names no method")
    identifier = document.get("id")
    if not isinstance(identifier, str | int) or isinstance(identifier, bool):
        identifier = None
    params = document.get("params")
    if not isinstance(params, dict) or method != "tools/call":
        return Request(identifier, method)
    tool, arguments = params.get("name"), params.get("arguments")
    if not isinstance(tool, str) or not tool:
        raise MalformedEnvelope("the MCP tool call names no tool")
    if arguments is not None and not isinstance(arguments, dict):
        raise MalformedEnvelope("the arguments of the MCP tool call are no object")
    return Request(identifier, method, tool, arguments or {})


def read_answer(body: bytes) -> Result:
    """Read an answer body; raises MalformedEnvelope when it is not a JSON-RPC 2.0 response."""
    document = _document(body)
    if "error" in document:
        error = document["error"] if isinstance(document["error"], dict) else {}
        code, message = error.get("code"), error.get("message")
        return Result(
            message if isinstance(message, str) else "the tool server answered with an error",
            is_error=True,
            code=code if isinstance(code, int) and code else -32603,
        )
    result = document.get("result")
    if not isinstance(result, dict):
        raise MalformedEnvelope("the MCP answer holds neither a result nor an error")
    content = result.get("content")
    blocks = content if isinstance(content, list) else []
    texts = [block["text"] for block in blocks if isinstance(block, dict) and isinstance(block.get("text"), str)]
    structured = result.get("structuredContent")
    return Result(
        "\n".join(texts),
        is_error=result.get("isError") is True,
        structured=structured if isinstance(structured, dict) else {},
    )


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedEnvelope("the MCP body is not JSON") from error
    if not isinstance(document, dict) or document.get("jsonrpc") != "2.0":
        raise MalformedEnvelope("the MCP body is not a JSON-RPC 2.0 object")
    return document
