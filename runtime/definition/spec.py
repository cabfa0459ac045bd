"""The file as pydantic models: the keys of format 1 that work in this release.

The description of each field feeds the JSON Schema (completion and hover in editors). What a later release brings is in
`availability.py`; what must hold between fields is in `lint.py`.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from lictor.runtime.definition.entries import HoursEntry, ModelEntry, ServerEntry, Spec, ToolEntry
from lictor.runtime.definition.values import (
    Anything,
    Backoff,
    Duration,
    Level,
    Quantity,
    Rate,
    SecretText,
    Share,
    Text,
    Word,
    fail,
    kind_of,
    one_of,
)

FORMAT: Final = 1


def _text_or_map(value: Any) -> str:  # noqa: ANN401 -- YAML is any data
    return "<map>" if isinstance(value, dict) else "<text>"


def _format(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and value > FORMAT:
        raise fail("L112", f"format {value} is newer than this release, which reads format {FORMAT}")
    if value != FORMAT or isinstance(value, bool):
        raise fail("L112", f"the format is a number, and the only one so far is {FORMAT}, not {kind_of(value)}")
    return value


class PolicySpec(Spec):
    """Which engine decides."""

    engine: Annotated[Literal["embedded", "opa"], one_of("embedded", "opa")] = Field(
        default="embedded", description="`embedded`: in Lictor's own process; `opa`: an OPA server."
    )
    url: Text | None = Field(default=None, description="The OPA server, e.g. http://127.0.0.1:8181.")
    token: SecretText | None = Field(default=None, description="Its bearer token: `${NAME}` or `${file:/path}`.")
    ca: Text | None = Field(default=None, description="Certificate of a private authority that signed the server's.")
    timeout: Duration | None = Field(
        default=None, description="How long one decision may take; then it is a denial. Default 250ms."
    )
    push: Annotated[bool, WithJsonSchema({"type": "boolean"})] = Field(
        default=True, description="Whether Lictor loads its bundle into the server; else it must be there already."
    )
    shadow: list[Text] = Field(
        default=[], description="Rego of a draft that is judged beside the active bundle, without effect; globs."
    )


class RuntimeSpec(Spec):
    """Where the team runs."""

    nats: Text = Field(
        default="embedded", description="The bus: `embedded` (a nats-server of its own) or the URL of one."
    )
    credentials: Text | None = Field(default=None, description="Credentials file for an external NATS server.")
    store: SecretText = Field(
        default="",
        description="SQLAlchemy URL of the record; default: .lictor/lictor.db in the working folder. "
        "Relative SQLite paths start at the file that names them.",
    )
    policy: PolicySpec | None = Field(default=None, description="Which engine decides. Left out: the embedded one.")


class BudgetSpec(Spec):
    """What one task may use up."""

    tokens: Quantity | None = Field(default=None, description="Tokens read and written by models. Default 100k.")
    time: Duration | None = Field(default=None, description="Time on the clock. Default 10m.")
    messages: Quantity | None = Field(default=None, description="Messages sent. Default 100.")
    tool_calls: Quantity | None = Field(default=None, description="Tool calls. Default 50.")
    depth: Quantity | None = Field(default=None, description="Delegations inside one another. Default 8.")
    ask_at: Share | None = Field(
        default=None,
        description="The share of tokens, messages or tool calls from which on a person is asked before every further "
        "request, e.g. `80%`. Left out: nobody is asked.",
    )
    on_exceed: Annotated[Literal["fail"] | None, one_of("fail")] = Field(default=None, description="The task fails.")


class SuperviseSpec(Spec):
    """How the agent's process is kept running."""

    restart: Annotated[Literal["always", "on-failure", "never"] | None, one_of("always", "on-failure", "never")] = (
        Field(default=None, description="When it is started again. Default on-failure.")
    )
    intensity: Rate | None = Field(
        default=None, description="How many restarts within which time; beyond that it stays down. Default 3/1m."
    )
    backoff: Backoff | None = Field(
        default=None, description="Wait before a restart, first and longest. Default 1s..30s."
    )


class IsolateSpec(Spec):
    """What the agent's code runs in."""

    kind: Annotated[Literal["process"], one_of("process")] = Field(
        default="process", description="A process of its own."
    )


def _one(value: object) -> int:
    if value != 1 or isinstance(value, bool):
        raise fail("L105", "scale is 1")
    return 1


_Route = Annotated[Literal["model", "in-order"] | None, one_of("model", "in-order")]
GuardsEntry = Annotated[Anything, WithJsonSchema({"type": "object"})]
"""Which guards there are, and what each may be, is in `guards.py`; `guard_entries.py` reads the map."""
OutputEntry = Annotated[Annotated[Text, Tag("<text>")] | Annotated[Anything, Tag("<map>")], Discriminator(_text_or_map)]


class DefaultsSpec(Spec):
    """What holds for every agent of this file that says nothing else."""

    model: Text | None = Field(default=None, description="`provider/name`, or a name from `models:`.")
    fallback: list[Text] | None = Field(default=None, description="Models to try when the first fails, in order.")
    route: _Route = Field(default=None, description="Who picks the next step: the model, or the order of the file.")
    budget: BudgetSpec | None = Field(default=None, description="Limits of one task.")
    supervise: SuperviseSpec | None = Field(default=None, description="How the process is kept running.")
    isolate: IsolateSpec | None = Field(default=None, description="What the agent's code runs in.")
    timeout: Duration | None = Field(
        default=None, description="How long a delegation to the agent may take. Default 2m."
    )
    retries: Quantity | None = Field(
        default=None, description="How often the agent sends a delegation again when no enforcer took it. Default 1."
    )
    clearance: Level | None = Field(
        default=None, description="The most confidential message that may reach it. Default internal."
    )
    guards: GuardsEntry | None = Field(
        default=None, description="Guards by name, laid over those of the team: a mode, or a map with thresholds."
    )
    hours: HoursEntry | None = Field(default=None, description="When it may act. Left out: always.")


class AgentSpec(DefaultsSpec):
    """One agent. Exactly one of prompt, prompt_file, graph."""

    description: Text | None = Field(
        default=None, description="Shown to agents that delegate to it. Default: first sentence of the prompt."
    )
    prompt: Text | None = Field(
        default=None, description="What it does, in your words. Variables are not filled in here."
    )
    prompt_file: Text | None = Field(default=None, description="A file with the prompt, relative to this file.")
    graph: Text | None = Field(
        default=None, description="Your own LangGraph: `file.py:name` of a graph or of a function that makes one."
    )
    tools: list[ToolEntry] = Field(default=[], description="What it may use: `mcp:`, `python:` or `rag:`.")
    delegates: list[Text] = Field(default=[], description="The agents it may message. No other edge exists on the bus.")
    expose: list[Annotated[Literal["chat"], one_of("chat")]] = Field(
        default=[], description="How it is reached from outside. Left out: not at all."
    )
    output: OutputEntry | None = Field(
        default=None, description="JSON Schema that its reply must satisfy: a file, or written here."
    )
    emits: list[Word] = Field(default=[], description="Labels that everything it sends carries.")
    contract: OutputEntry | None = Field(
        default=None,
        description="What its tasks may call, how often, and where arguments may come from: a file, or written here.",
    )
    planner: Text | None = Field(
        default=None,
        description="`file.py:function` that writes a contract for each task, from its prompt and the list of tools.",
    )
    scale: Annotated[int, BeforeValidator(_one), WithJsonSchema({"const": 1})] = Field(
        default=1, description="How many processes."
    )


class ApproverSpec(Spec):
    """Who may approve calls of a tool, and how long they wait."""

    by: list[Text] | None = Field(default=None, description="Operators, e.g. `op-ana`; globs.")
    timeout: Duration | None = Field(default=None, description="How long a call waits; then it is denied.")
    people: Quantity | None = Field(default=None, description="How many of them have to approve.")


class ApprovalsSpec(Spec):
    """What becomes of messages that wait for a person."""

    timeout: Duration | None = Field(
        default=None, description="How long a message waits; then it is denied. Default 10m."
    )
    by: list[Text] | None = Field(default=None, description="Operators who may approve; globs. Default: [op-*].")
    most: Quantity | None = Field(
        default=None, description="How many messages of one sender may wait; one more is denied. Default 20."
    )
    people: Quantity | None = Field(default=None, description="How many people have to approve. Default 1.")
    tools: dict[str, ApproverSpec] = Field(
        default={}, description="Other values for some tools, by name or glob; the first that matches counts."
    )


class FileSpec(Spec):
    """One file of a team."""

    lictor: Annotated[Any, BeforeValidator(_format), WithJsonSchema({"const": FORMAT})] = Field(
        default=FORMAT, description="Format of the file."
    )
    include: list[Text] = Field(default=[], description="More files of the same shape; globs, relative to this file.")
    runtime: RuntimeSpec | None = Field(default=None, description="Where the team runs.")
    defaults: DefaultsSpec | None = Field(
        default=None, description="What holds for every agent of this file that says nothing else."
    )
    models: dict[str, ModelEntry] = Field(default={}, description="Models by name; the short form is `provider/name`.")
    mcp: dict[str, ServerEntry] = Field(default={}, description="MCP servers that several agents share, by name.")
    agents: dict[str, AgentSpec] = Field(default={}, description="The agents by name. The first one gets the task.")
    policies: list[Text] = Field(
        default=[], description="Your own Rego, layered over the built-in rules; globs. Deny wins."
    )
    guards: GuardsEntry | None = Field(
        default=None, description="Guards of the whole team by name: a mode, or a map with thresholds."
    )
    approvals: ApprovalsSpec | None = Field(
        default=None, description="Who may approve what waits for a person, and for how long it waits."
    )
