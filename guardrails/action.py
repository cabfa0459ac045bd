"""What a message asks for, read from its body once: the method, the tool, the model, the arguments."""

from typing import Annotated, Any, Final

import msgspec

from lictor.protocols.envelope import Envelope
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.subjects import Kind

_A2A: Final = Kind.A2A
_EVENT: Final = Kind.EVENT
_MCP: Final = Kind.MCP
_MODEL: Final = Kind.MODEL
_REPLY: Final = Kind.REPLY


class Action(msgspec.Struct, frozen=True, gc=False):
    """The part of a body that the layers before content need; the arguments stay raw JSON."""

    method: str = ""
    """A2A or MCP method; `chat.completions` for a model call."""
    tool: str = ""
    model: str = ""
    arguments: bytes = b""
    tokens: int = 0
    """Tokens that an answer says it used."""

    @property
    def word(self) -> str:
        """The one word that says most: tool, model or method."""
        return self.tool or self.model or self.method


class _Call(msgspec.Struct, frozen=True):
    name: str = ""
    arguments: msgspec.Raw = msgspec.Raw(b"")


class _McpRequest(msgspec.Struct, frozen=True):
    method: str
    params: _Call = _Call()


class _BareParams(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    cursor: Annotated[str, msgspec.Meta(max_length=256)] = ""
    protocol_version: Annotated[str, msgspec.Meta(max_length=32)] = ""


class _BareRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is delivered of a method that is not the call of a tool."""

    method: str
    id: int | Annotated[str, msgspec.Meta(max_length=64)] | None = None
    jsonrpc: str = ""
    params: _BareParams = _BareParams()


class _A2aRequest(msgspec.Struct, frozen=True):
    method: str


class _ModelRequest(msgspec.Struct, frozen=True):
    messages: list[msgspec.Raw]
    model: str = ""


class _Usage(msgspec.Struct, frozen=True):
    total_tokens: int | None = None


class _ModelAnswer(msgspec.Struct, frozen=True):
    usage: _Usage | None = None


class _AnyObject(msgspec.Struct, frozen=True):
    pass


_bare: Final = msgspec.json.Decoder(_BareRequest)
_mcp_bare: Final = msgspec.json.Encoder()
_mcp: Final = msgspec.json.Decoder(_McpRequest)
_a2a: Final = msgspec.json.Decoder(_A2aRequest)
_model: Final = msgspec.json.Decoder(_ModelRequest)
_model_answer: Final = msgspec.json.Decoder(_ModelAnswer)
_CALL: Final = "tools/call"
_object: Final = msgspec.json.Decoder(_AnyObject)
_NOTHING: Final = Action()
_ESCAPED_ASCII: Final = b"\\u00"
_MOST_TOKENS: Final = 10**9
_LONGEST_NAME: Final = 256


def calls_tool(kind: Kind, action: Action) -> bool:
    """Tell whether a message of this kind is the call of a tool."""
    return kind is _MCP and action.method == _CALL


def read_action(envelope: Envelope) -> Action:
    """Read a body; raises MalformedEnvelope when it is not the JSON that its kind promises.

    Of a repeated key the last counts, as it does for every reader behind the enforcer. An event's body is free.
    """
    if envelope.kind is _EVENT:
        return _NOTHING
    body = envelope.body
    try:
        if not body.isascii():
            body.decode()
        if envelope.kind is _REPLY:
            return _read_answer(envelope)
        if _ESCAPED_ASCII in body:
            body = _unescaped(body)
        if envelope.kind is _A2A:
            return Action(method=_name(_a2a.decode(body).method))
        if envelope.kind is _MCP:
            request = _mcp.decode(body)
            if request.method != _CALL:
                return Action(method=_name(request.method))
            return Action(request.method, _name(request.params.name), "", bytes(request.params.arguments))
        return Action("chat.completions", "", _name(_model.decode(body).model))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedEnvelope(f"the body is not what kind {envelope.kind.value} promises: {error}") from None


def plain_body(envelope: Envelope, action: Action) -> bytes:
    """Return the body of an MCP message as it is delivered: written anew, so that no key stands in it twice.

    Of a repeated key the last is judged, and a server in another language may take the first. Of methods that are not
    the call of a tool nothing is left that could carry content: they may be used without a task and without labels.
    Raises MalformedEnvelope.
    """
    if envelope.kind is not _MCP:
        return envelope.body
    try:
        if action.method == _CALL:
            return msgspec.json.encode(msgspec.json.decode(envelope.body))
        return _mcp_bare.encode(_bare.decode(envelope.body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise MalformedEnvelope(f"the body cannot be written anew: {error}") from None


def _name(text: str) -> str:
    """Refuse what no method, tool or model is called: rules match it, and people read it in one line."""
    if len(text) > _LONGEST_NAME or not text.isprintable():
        raise MalformedEnvelope(
            f"the name of a method, tool or model has {len(text)} characters; it may have {_LONGEST_NAME}, "
            "and no control characters"
        )
    return text


def _unescaped(body: bytes) -> bytes:
    """Write a body anew, without repeated keys: a key spelled with escapes cannot hide behind its plain twin."""
    try:
        return msgspec.json.encode(msgspec.json.decode(body))
    except OverflowError:
        raise MalformedEnvelope("the body holds a number that is too large") from None


def _read_answer(envelope: Envelope) -> Action:
    if envelope.request_kind is _MODEL and envelope.end:
        usage = _model_answer.decode(envelope.body).usage
        return Action(tokens=min(max(0, usage.total_tokens or 0), _MOST_TOKENS)) if usage else _NOTHING
    _object.decode(envelope.body)
    return _NOTHING


def read_arguments(action: Action) -> Any:  # noqa: ANN401 -- whatever JSON the caller sent
    """Return the arguments as plain values; raises MalformedEnvelope when they are no JSON."""
    if not action.arguments:
        return {}
    try:
        return msgspec.json.decode(action.arguments)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedEnvelope(f"the arguments are not JSON: {error}") from None
