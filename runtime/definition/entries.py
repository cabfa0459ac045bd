"""Entries that are of one of several kinds: models, MCP servers, tools. The kind is told by a key."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from lictor.runtime.definition.values import (
    Duration,
    HoursText,
    Level,
    Quantity,
    SecretText,
    Text,
    Word,
    ZoneText,
    fail,
)

TAGS: Final = frozenset(
    {
        "<text>",
        "<map>",
        "<list>",
        "<mcp>",
        "<python>",
        "<rag>",
        "<gguf>",
        "<openai>",
        "<scripted>",
        "<command>",
        "<url>",
    }
)
"""Names of union members; they stand in pydantic's locations between real keys."""
TOOL_KINDS: Final = ("mcp", "python", "rag")
MODEL_KINDS: Final = ("gguf", "openai", "scripted")
SERVER_KINDS: Final = ("command", "url")


class Spec(BaseModel):
    """A map of the format: what is not a field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)


def _by_key(*kinds: str) -> Discriminator:
    def tell(value: Any) -> str | None:  # noqa: ANN401 -- YAML is any data
        if not isinstance(value, dict):
            return "<text>"
        return next((f"<{kind}>" for kind in kinds if kind in value), None)

    sentence = f"one of the keys {', '.join(kinds)} must be here: it says what kind this is"
    return Discriminator(tell, custom_error_type="L106", custom_error_message=sentence)


def _layers(value: object) -> int | None:
    if value == "auto":
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6:
        return int(value)
    raise fail("L103", "gpu_layers is a number of layers, or auto")


def _shape_of_hours(value: Any) -> str:  # noqa: ANN401 -- YAML is any data
    return "<map>" if isinstance(value, dict) else "<list>" if isinstance(value, list) else "<text>"


def _some(value: object) -> object:
    if value == []:
        raise fail("L104", "at least one stretch of time is expected here, e.g. [mon-fri 08:00-18:00]")
    return value


_Stretches = Annotated[list[HoursText], BeforeValidator(_some)]


class HoursSpec(Spec):
    """When something may be done."""

    allow: _Stretches = Field(description="Like `mon-fri 08:00-18:00`; at other times: not.")
    zone: ZoneText = Field(default="UTC", description="UTC, or a fixed offset like `+02:00`.")


HoursEntry = Annotated[
    Annotated[HoursText, Tag("<text>")] | Annotated[_Stretches, Tag("<list>")] | Annotated[HoursSpec, Tag("<map>")],
    Discriminator(_shape_of_hours),
]
_MODEL_CLEARANCE: Final = (
    "The most confidential text that it may read. Default: secret on this machine, internal elsewhere."
)


class GgufSpec(Spec):
    """A local model, run by llama.cpp."""

    gguf: Text = Field(description="Path of the GGUF file, relative to this file.")
    context: Quantity = Field(default=4096, description="Context in tokens, e.g. `16k`.")
    clearance: Level | None = Field(default=None, description=_MODEL_CLEARANCE)
    gpu_layers: Annotated[int | None, BeforeValidator(_layers)] = Field(
        None,
        description="Layers to put on the GPU: a number, or `auto`.",
        json_schema_extra={"anyOf": [{"type": "integer", "minimum": 0}, {"const": "auto"}]},
    )
    threads: Quantity | None = Field(default=None, description="CPU threads; left out: a safe number is chosen.")


class OpenAiSpec(Spec):
    """A model behind an OpenAI-compatible server."""

    openai: Text = Field(description="Base URL, e.g. http://127.0.0.1:8000/v1.")
    model: Text = Field(description="The model's name at that server.")
    api_key: SecretText | None = Field(
        default=None, description="Key of the server: `${NAME}` or `${file:/path}`, never a literal."
    )
    context: Quantity = Field(default=4096, description="Context in tokens, e.g. `16k`.")
    clearance: Level | None = Field(default=None, description=_MODEL_CLEARANCE)


class ScriptedSpec(Spec):
    """A scripted stand-in for a model, for tests: it answers by rules, and is never chosen by itself."""

    scripted: Text = Field(description="Path of the file with the rules, relative to this file.")
    context: Quantity = Field(default=4096, description="Context in tokens, e.g. `16k`.")
    clearance: Level | None = Field(default=None, description=_MODEL_CLEARANCE)


ModelEntry = Annotated[
    Annotated[Text, Tag("<text>")]
    | Annotated[GgufSpec, Tag("<gguf>")]
    | Annotated[OpenAiSpec, Tag("<openai>")]
    | Annotated[ScriptedSpec, Tag("<scripted>")],
    _by_key(*MODEL_KINDS),
]


class CommandSpec(Spec):
    """An MCP server that is started as a child and spoken to over stdio."""

    command: Text = Field(description="Command line, e.g. `uvx mcp-server-time`.")
    env: dict[str, SecretText] = Field(default={}, description="Environment variables of the server.")
    timeout: Duration | None = Field(default=None, description="How long one call may take.")
    retries: Quantity | None = Field(
        default=None, description="How often a call is tried again when the server failed."
    )
    labels: list[Word] | None = Field(
        default=None, description="What everything that it returns carries. Default: untrusted for servers by URL."
    )
    refuse: list[Word] = Field(default=[], description="It is never called with data that carries one of these labels.")
    clearance: Level | None = Field(
        default=None,
        description="The most confidential data that it may be given. Default: internal by URL, else secret.",
    )


class UrlSpec(Spec):
    """An MCP server that is reached over HTTP."""

    url: Text = Field(description="Streamable HTTP endpoint.")
    headers: dict[str, SecretText] = Field(default={}, description="HTTP headers of every request.")
    timeout: Duration | None = Field(default=None, description="How long one call may take.")
    retries: Quantity | None = Field(
        default=None, description="How often a call is tried again when the server failed."
    )
    labels: list[Word] | None = Field(
        default=None, description="What everything that it returns carries. Default: untrusted for servers by URL."
    )
    refuse: list[Word] = Field(default=[], description="It is never called with data that carries one of these labels.")
    clearance: Level | None = Field(
        default=None,
        description="The most confidential data that it may be given. Default: internal by URL, else secret.",
    )


ServerEntry = Annotated[
    Annotated[Text, Tag("<text>")] | Annotated[CommandSpec, Tag("<command>")] | Annotated[UrlSpec, Tag("<url>")],
    _by_key(*SERVER_KINDS),
]


class PermitSpec(Spec):
    """Which tools of the server may be called; deny beats ask beats allow.

    Globs on names, or calls with conditions on their arguments: `send(to=*@example.com, amount<=100)`.
    """

    allow: list[Text] = Field(default=[], description="Tools that may be called.")
    ask: list[Text] = Field(default=[], description="Tools that a person approves first.")
    deny: list[Text] = Field(default=[], description="Tools that may never be called.")


class McpToolSpec(Spec):
    """Tools of an MCP server."""

    mcp: Text = Field(description="A name from `mcp:`, a command line (stdio), or a URL.")
    permit: PermitSpec | None = Field(
        default=None, description="Which of its tools may be called; left out: the read-only ones."
    )
    timeout: Duration | None = Field(default=None, description="How long one call may take.")
    retries: Quantity | None = Field(
        default=None, description="How often a call is tried again when the server failed."
    )
    env: dict[str, SecretText] = Field(default={}, description="Environment variables of the server.")
    headers: dict[str, SecretText] = Field(default={}, description="HTTP headers of every request.")
    labels: list[Word] | None = Field(default=None, description="What its results carry.")
    refuse: list[Word] = Field(default=[], description="It is never called with data that carries one of these labels.")
    clearance: Level | None = Field(default=None, description="The most confidential data that it may be given.")
    hours: HoursEntry | None = Field(default=None, description="When it may be called. Left out: always.")


class PythonToolSpec(Spec):
    """A Python function as a tool."""

    python: Text = Field(description="`file.py:function`; its signature and docstring describe the tool.")
    permit: PermitSpec | None = Field(default=None, description="Left out: the function may be called.")
    timeout: Duration | None = Field(default=None, description="How long one call may take.")
    retries: Quantity | None = Field(default=None, description="How often a call is tried again when it failed.")
    env: dict[str, SecretText] = Field(default={}, description="Environment variables of the function's process.")
    labels: list[Word] | None = Field(default=None, description="What its results carry.")
    refuse: list[Word] = Field(default=[], description="It is never called with data that carries one of these labels.")
    clearance: Level | None = Field(default=None, description="The most confidential data that it may be given.")
    hours: HoursEntry | None = Field(default=None, description="When it may be called. Left out: always.")


class RagToolSpec(Spec):
    """A folder of markdown, indexed, searched by the agent."""

    rag: Text = Field(description="The folder, relative to this file.")
    top_k: Quantity = Field(default=6, description="How many passages a search returns.")
    permit: PermitSpec | None = Field(default=None, description="Left out: the search may be called.")
    timeout: Duration | None = Field(default=None, description="How long one search may take.")
    retries: Quantity | None = Field(default=None, description="How often a search is tried again when it failed.")
    labels: list[Word] | None = Field(default=None, description="What its results carry.")
    refuse: list[Word] = Field(default=[], description="It is never called with data that carries one of these labels.")
    clearance: Level | None = Field(default=None, description="The most confidential data that it may be given.")
    hours: HoursEntry | None = Field(default=None, description="When it may be called. Left out: always.")


ToolEntry = Annotated[
    Annotated[McpToolSpec, Tag("<mcp>")]
    | Annotated[PythonToolSpec, Tag("<python>")]
    | Annotated[RagToolSpec, Tag("<rag>")],
    _by_key(*TOOL_KINDS),
]
