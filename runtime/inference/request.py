"""A chat-completions request, read and checked once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import msgspec

from lictor.runtime.inference.errors import BadRequest

_IGNORED: Final = frozenset(
    {"user", "store", "metadata", "parallel_tool_calls", "stream_options", "service_tier", "safety_identifier"}
)
_ROLES: Final = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool"}
_MOST_MESSAGES: Final = 1000
_MOST_STOPS: Final = 16


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may call."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON Schema."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a caller asks for. Sampling values are None where the caller named none."""

    messages: tuple[Mapping[str, Any], ...]
    """OpenAI's messages; each `content` is one text, empty when it had none."""
    model: str = ""
    stream: bool = False
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    seed: int | None = None
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    repeat_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: str = "none"
    """`none`, `auto`, `required`, or the name of one tool after `tool:`."""
    schema: Mapping[str, Any] | None = None
    """JSON Schema that the answer must satisfy."""
    grammar: str = ""
    """GBNF, as llama.cpp's own server takes it."""
    sender: str = ""
    """Who asks, as the bus says: for fair turns."""
    document: Mapping[str, Any] = field(default_factory=dict)
    """The request as it came, for backends that pass it on."""


def read_request(body: bytes) -> ChatRequest:
    """Read a request; raises BadRequest with a sentence that names the parameter."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the request is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise BadRequest("the request is not a JSON object")
    return _Reader(document).read()


class _Reader:
    """Takes one parameter after the other; what is left over is unknown."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._left = {name: value for name, value in document.items() if value is not None and name not in _IGNORED}

    def read(self) -> ChatRequest:
        messages = self._messages()
        tools = self._tools()
        tool_choice = self._tool_choice(tools)
        most = self._number("max_tokens", 1, 1 << 20, whole=True)
        newer = self._number("max_completion_tokens", 1, 1 << 20, whole=True)
        request = ChatRequest(
            messages=messages,
            model=self._text("model"),
            stream=self._flag("stream"),
            max_tokens=_whole(newer if newer is not None else most),
            temperature=self._number("temperature", 0, 10),
            top_p=self._number("top_p", 0, 1),
            top_k=_whole(self._number("top_k", 0, 1 << 20, whole=True)),
            min_p=self._number("min_p", 0, 1),
            seed=_whole(self._number("seed", -(1 << 63), (1 << 64) - 1, whole=True)),
            frequency_penalty=self._number("frequency_penalty", -2, 2) or 0.0,
            presence_penalty=self._number("presence_penalty", -2, 2) or 0.0,
            repeat_penalty=self._number("repeat_penalty", 0.1, 10) or 1.0,
            stop=self._stops(),
            tools=tools,
            tool_choice=tool_choice,
            schema=self._schema(),
            grammar=self._text("grammar"),
            document=self._document,
        )
        if self._left.pop("n", 1) != 1:
            _refuse("n", "may only be 1")
        if self._left.pop("logprobs", False) is not False:
            _refuse("logprobs", "is not served")
        if self._left:
            _refuse(min(self._left), "is not a parameter that is served here")
        if request.grammar and (request.schema is not None or request.tool_choice != "none"):
            _refuse("grammar", "cannot be combined with response_format or tools")
        return request

    def _messages(self) -> tuple[dict[str, Any], ...]:
        messages = self._left.pop("messages", None)
        if not isinstance(messages, list) or not messages:
            _refuse("messages", "must be a list with at least one message")
        if len(messages) > _MOST_MESSAGES:
            _refuse("messages", f"has {len(messages)} messages; the limit is {_MOST_MESSAGES}")
        return tuple(_message(index, message) for index, message in enumerate(messages))

    def _text(self, name: str) -> str:
        value = self._left.pop(name, "")
        if not isinstance(value, str):
            _refuse(name, "must be a text")
        return value

    def _flag(self, name: str) -> bool:
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            _refuse(name, "must be true or false")
        return value

    def _number(self, name: str, low: float, high: float, *, whole: bool = False) -> float | None:
        value = self._left.pop(name, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not math.isfinite(value):
            _refuse(name, "must be a whole number" if whole else "must be a number")
        if not low <= value <= high:
            _refuse(name, f"must lie between {low} and {high}")
        return value

    def _stops(self) -> tuple[str, ...]:
        stop = self._left.pop("stop", ())
        stops = [stop] if isinstance(stop, str) else stop
        if not isinstance(stops, list | tuple) or not all(isinstance(each, str) and each for each in stops):
            _refuse("stop", "must be a text or a list of texts, none of them empty")
        if len(stops) > _MOST_STOPS:
            _refuse("stop", f"has more than {_MOST_STOPS} texts")
        return tuple(stops)

    def _tools(self) -> tuple[Tool, ...]:
        tools = self._left.pop("tools", [])
        if not isinstance(tools, list):
            _refuse("tools", "must be a list")
        read = tuple(_tool(index, tool) for index, tool in enumerate(tools))
        if len({tool.name for tool in read}) < len(read):
            _refuse("tools", "names a tool twice")
        return read

    def _tool_choice(self, tools: tuple[Tool, ...]) -> str:
        choice = self._left.pop("tool_choice", "auto" if tools else "none")
        if choice in ("none", "auto", "required"):
            if choice == "required" and not tools:
                _refuse("tool_choice", "asks for a call, but there are no tools")
            return str(choice) if tools else "none"
        name = choice.get("function", {}).get("name") if isinstance(choice, dict) else None
        if not any(tool.name == name for tool in tools):
            _refuse("tool_choice", "must be none, auto, required or one of the tools")
        return f"tool:{name}"

    def _schema(self) -> Mapping[str, Any] | None:
        wanted = self._left.pop("response_format", None)
        if wanted is None or wanted == {"type": "text"}:
            return None
        if isinstance(wanted, dict) and wanted.get("type") == "json_object":
            schema = wanted.get("schema", {"type": "object"})
        elif isinstance(wanted, dict) and wanted.get("type") == "json_schema":
            described = wanted.get("json_schema")
            schema = described.get("schema") if isinstance(described, dict) else None
        else:
            _refuse("response_format", "must have the type text, json_object or json_schema")
        if not isinstance(schema, dict):
            _refuse("response_format", "has no JSON Schema object in json_schema.schema")
        return schema


def _message(index: int, message: object) -> dict[str, Any]:
    where = f"messages[{index}]"
    if not isinstance(message, dict):
        _refuse(where, "must be an object")
    role = _ROLES.get(str(message.get("role")))
    if role is None:
        _refuse(f"{where}.role", f"must be one of {', '.join(_ROLES)}")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(_part(where, part) for part in content)
    if content is None and role == "assistant":
        content = ""
    if not isinstance(content, str):
        _refuse(f"{where}.content", "must be a text or a list of text parts")
    read = {**message, "role": role, "content": content}
    calls = message.get("tool_calls")
    if calls is not None:
        read["tool_calls"] = _calls(where, calls)
    return read


def _part(where: str, part: object) -> str:
    text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
    if not isinstance(text, str):
        _refuse(f"{where}.content", "may hold text parts only: this model reads no images, sounds or files")
    return text


def _calls(where: str, calls: object) -> list[dict[str, Any]]:
    if not isinstance(calls, list):
        _refuse(f"{where}.tool_calls", "must be a list")
    for call in calls:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            _refuse(f"{where}.tool_calls", "holds a call without a function name")
    return calls


def _tool(index: int, tool: object) -> Tool:
    function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str) or not function["name"]:
        _refuse(f"tools[{index}]", "must be {type: function, function: {name, …}}")
    parameters = function.get("parameters") or {"type": "object", "properties": {}}
    if not isinstance(parameters, dict):
        _refuse(f"tools[{index}].function.parameters", "must be a JSON Schema object")
    return Tool(function["name"], str(function.get("description") or ""), parameters)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _refuse(name: str, reason: str) -> NoReturn:
    raise BadRequest(f"{name} {reason}")
