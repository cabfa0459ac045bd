"""What a team's YAML compiles to: frozen values from which every process is started and every edge is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lictor.runtime.definition.constraints import CallRule, Hours


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
class GuardPlan:
    """How one guard is set, for the team or for one agent."""

    mode: str
    """`off`, `warn`, `redact`, `block`, `quarantine` or `ask`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Every setting of the guard, by its name in `guards.py`: thresholds, limits, kinds."""
    place: Place = Place("", 0)
    """Where the YAML sets it; no file when it is as built in."""


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
    clearance: str = "secret"
    """The most confidential text that it may read: `public`, `internal` or `secret`."""
    remote: bool = False
    """Whether what it is asked leaves the machine."""
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
    labels: tuple[str, ...] = ()
    """What everything that it returns carries, whoever calls it."""
    clearance: str = "secret"
    """The most confidential text that it may be given."""
    place: Place = Place("", 0)

    @property
    def remote(self) -> bool:
        """Whether what it is given leaves the machine by its very address; a local server may still send it on."""
        return self.kind == "mcp-http"


@dataclass(frozen=True, slots=True)
class Permit:
    """Which tools of one server an agent may call; globs; deny beats ask beats allow."""

    allow: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    calls: tuple[CallRule, ...] = ()
    """Entries that constrain arguments."""


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
    labels: tuple[str, ...] = ()
    """What its results carry for this agent; the server's own labels are among them."""
    refuse: tuple[str, ...] = ()
    """Labels with which it is never called."""
    hours: Hours | None = None
    """When it may be called; None means always."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one task."""

    tokens: int = 100_000
    time: float = 600.0
    """Seconds."""
    messages: int = 100
    tool_calls: int = 50
    depth: int = 8
    ask_at: float | None = None
    """The share of tokens, messages or tool calls, 0 to 1, from which on a person is asked; None means nobody is."""


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
    clearance: str = "internal"
    """The most confidential message that may reach it: `public`, `internal` or `secret`."""
    emits: tuple[str, ...] = ()
    """Labels that everything it sends carries."""
    contract: Path | Mapping[str, Any] | None = None
    """What its tasks may call with which arguments: a file (resolved), or the contract itself as YAML gave it."""
    planner: str = ""
    """`file.py:name`, resolved, of the function that writes a contract for each task; empty when there is none."""
    guards: Mapping[str, GuardPlan] = field(default_factory=dict)
    """Every guard, as it is set for this agent."""
    isolated: bool = False
    """Whether nothing of one task can reach another through it: Lictor's own graph keeps nothing between tasks."""
    hours: Hours | None = None
    """When it may act; None means always."""


@dataclass(frozen=True, slots=True)
class GuardsPlan:
    """The guards of the team, as they are set for whoever is no agent."""

    entries: Mapping[str, GuardPlan] = field(default_factory=dict)
    """Every guard by its name; empty only where a plan is made by hand."""

    def mode(self, name: str) -> str:
        """Return the mode of a guard; one that is not there is off."""
        entry = self.entries.get(name)
        return entry.mode if entry is not None else "off"


@dataclass(frozen=True, slots=True)
class ApproverRule:
    """Who may approve calls of some tools, and for how many seconds they wait."""

    tool: str
    """Glob on the tool's name."""
    by: tuple[str, ...]
    """Globs on principals of operators."""
    timeout: float
    people: int = 1
    """How many of them have to approve."""
    place: Place = Place("", 0)


@dataclass(frozen=True, slots=True)
class ApprovalsPlan:
    """What becomes of messages that wait for a person."""

    timeout: float = 600.0
    """Seconds until an unanswered one is denied."""
    by: tuple[str, ...] = ("op-*",)
    """Globs on principals of operators who may approve."""
    most: int = 20
    """How many messages of one sender may wait at once; one more is denied."""
    people: int = 1
    """How many people have to approve."""
    tools: tuple[ApproverRule, ...] = ()
    """The first that matches a tool counts; for others the values above."""
    place: Place = Place("", 0)


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """Which engine decides."""

    engine: str = "embedded"
    """`embedded`, or `opa` for an OPA server."""
    url: str = ""
    token: Secret | None = None
    ca: Path | None = None
    """Certificate of a private authority that signed the server's."""
    timeout: float = 0.25
    """Seconds for one decision; beyond that it is a denial."""
    push: bool = True
    """Whether Lictor loads the bundle into the server; else it must be there already, at the same revision."""
    shadow: tuple[Path, ...] = ()
    """Rego files of a draft that is judged beside the active bundle, without effect."""


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
    guards: GuardsPlan = GuardsPlan()
    approvals: ApprovalsPlan = ApprovalsPlan()
    policy: PolicyPlan = PolicyPlan()
