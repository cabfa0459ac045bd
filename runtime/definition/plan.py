"""What a team's YAML compiles to: frozen values from which every process is started and every edge is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the YAML something was written."""

    file: str
    """Path as the person gave it, relative to the working folder where possible."""
    line: int
    """From 1."""
    column: int = 1
    last: int = 0
    """Last line of what was written; 0 when it is not known."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is never printed, logged, planned or recorded."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        return "‹secret›"


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """One model: a principal that answers chat completions."""

    principal: str
    """`model-…`."""
    name: str
    """As the YAML names it: `small`, `builtin/smollm2`, `local/qwen…`."""
    backend: str
    """`llama-cpp`, `openai` or `scripted`."""
    gguf: Path | None = None
    """The file, for `scripted` its rules; None for `builtin/…` (found in its package) and for remote backends."""
    base_url: str = ""
    remote_model: str = ""
    api_key: Secret | None = None
    context_tokens: int = 4096
    gpu_layers: int | None = None
    """None means automatic."""
    threads: int | None = None
    place: Place = Place("", 0)


@dataclass(frozen=True, slots=True)
class ToolPlan:
    """One tool server: a principal that answers MCP tool calls."""

    principal: str
    """`tool-…`."""
    kind: str
    """`mcp-stdio`, `mcp-http`, `python` or `rag`."""
    command: tuple[str, ...] = ()
    """For `mcp-stdio`."""
    environment: Mapping[str, str | Secret] = field(default_factory=dict)
    url: str = ""
    """For `mcp-http`."""
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    source: Path | None = None
    """For `python` the file, for `rag` the folder."""
    function: str = ""
    """For `python`."""
    top_k: int = 6
    """For `rag`."""
    timeout: float = 30.0
    """Seconds a call may take."""
    retries: int = 0
    folder: Path = Path()
    """Folder of the YAML file: the working folder of the server."""
    place: Place = Place("", 0)


@dataclass(frozen=True, slots=True)
class Permit:
    """Which tools of one server an agent may call; globs; deny beats ask beats allow."""

    allow: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolUse:
    """An agent's right to use one tool server."""

    tool: str
    """Principal of the server."""
    permit: Permit
    place: Place
    explicit: bool = False
    """Whether the YAML has a `permit:` for it."""
    timeout: float = 30.0
    """Seconds a call of this agent may take."""
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one task."""

    tokens: int = 100_000
    time: float = 600.0
    """Seconds."""
    messages: int = 100
    tool_calls: int = 50
    depth: int = 8


@dataclass(frozen=True, slots=True)
class Supervise:
    """OTP's words for one child."""

    restart: str = "transient"
    """`permanent`, `transient` or `temporary`."""
    intensity: int = 3
    """Restarts allowed within `period`."""
    period: float = 60.0
    backoff_first: float = 1.0
    backoff_most: float = 30.0


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """One agent: a principal with a LangGraph graph in a process of its own."""

    name: str
    description: str
    prompt: str
    """Empty when `graph` is given."""
    graph: str
    """`file.py:name`, resolved; empty when `prompt` is given."""
    route: str
    """Who picks the next step of a prompt agent: `model`, or `in-order` (tools, then delegates, once each)."""
    models: tuple[str, ...]
    """Principals of its model and its fallbacks, in order."""
    delegates: tuple[str, ...]
    tools: tuple[ToolUse, ...]
    expose: tuple[str, ...]
    output: Mapping[str, Any] | None
    """JSON Schema that the reply must satisfy."""
    budget: Budget
    supervise: Supervise
    timeout: float
    """Seconds a delegation to this agent may take."""
    retries: int
    folder: Path
    place: Place


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole team."""

    file: Path
    folder: Path
    """Project root: the folder of the root file."""
    nats: str
    """`embedded`, or a URL."""
    nats_credentials: Path | None
    store: str = field(repr=False)
    """SQLAlchemy URL; may hold a password."""
    agents: tuple[AgentPlan, ...]
    """The first is the entry point."""
    tools: tuple[ToolPlan, ...]
    models: tuple[ModelPlan, ...]
    policies: tuple[Path, ...]
    """The user's own Rego files."""
    policy_data: Mapping[str, Any]
    """The `data.lictor.team` document: principals, edges, permits, limits, with the line each came from."""
    max_hops: int = 12
    rate: tuple[int, float] = (50, 1.0)
    """Messages per seconds that one principal may send."""
