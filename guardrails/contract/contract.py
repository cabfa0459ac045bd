"""A contract: which tools an agent may call in a task, how often, and where each argument may come from."""

from enum import StrEnum
from typing import Any

import msgspec


class State(StrEnum):
    """How a call stands to its task's contract."""

    NONE = "none"
    """There is no contract, and none is expected."""
    MET = "met"
    ASK = "ask"
    """A person decides."""
    BROKEN = "broken"
    MISSING = "missing"
    """A planner is to write one and has not."""


class Step(StrEnum):
    """What happens to what a contract does not settle."""

    ANY = "any"
    ASK = "ask"
    DENY = "deny"
    READ_ONLY = "read-only"


class Match(StrEnum):
    """How much of a source a value must be."""

    VALUE = "value"
    """A whole value: equal to a field or an extracted value, or standing by itself in a text."""
    CONTAINED = "contained"
    """Also a passage of a field."""
    WORDS = "words"
    """Every word of it stands somewhere in the sources, in any order."""


class Prompt(msgspec.Struct, frozen=True):
    """What the task's owner said, and what trusted agents asked before anything untrusted was read."""


class Trusted(msgspec.Struct, frozen=True):
    """Anything in the task that does not carry the label `untrusted`."""


class Approval(msgspec.Struct, frozen=True):
    """A person."""


class Anything(msgspec.Struct, frozen=True):
    """Whatever it is; what else the source says must hold."""


class Literal(msgspec.Struct, frozen=True):
    """A value that the contract itself holds."""

    value: Any


class Like(msgspec.Struct, frozen=True):
    """Any text that a pattern fits, without regard to case: `*` is any run of characters, `?` any one."""

    pattern: str


class Condition(msgspec.Struct, frozen=True):
    """What a field, of a record or of a call's arguments, must be: one of these."""

    field: tuple[str, ...]
    among: tuple[Prompt | Literal | Like, ...]


class Output(msgspec.Struct, frozen=True):
    """What tools, or other agents, answered in this task."""

    names: tuple[str, ...]
    """Names of tools, `server/name`, or names of agents."""
    agent: bool = False
    """Whether `names` are agents'."""
    calls: tuple[Condition, ...] = ()
    """Only answers to calls with these arguments count."""
    field: tuple[str, ...] = ()
    """A path into the JSON that was answered; `*` stands for any one step."""
    where: tuple[Condition, ...] = ()
    """Only these records count: what the last `*` of `field` stands for, or the whole answer."""
    most_of: tuple[str, ...] = ()
    """Only the records count whose field here is the greatest number."""
    least_of: tuple[str, ...] = ()
    type: str = ""
    """Values of this type are taken from the text; see `extract`."""
    unique: bool = False
    """Only when everything that counts holds exactly one such value; with several a person decides."""
    untrusted: bool = True
    """Whether outputs labelled `untrusted` count."""


class References(msgspec.Struct, frozen=True):
    """Free text, in which every reference to somewhere else (URL, host, e-mail address, account) has a source."""

    sources: tuple["Source", ...]


Place = Prompt | Trusted | Approval | Anything | Literal | Output | References


class Source(msgspec.Struct, frozen=True):
    """One place that a value may come from, and what else must be so; all of it has to hold."""

    place: Place
    like: str = ""
    """A pattern that the value must fit; see Like."""
    least: float | None = None
    most: float | None = None
    references: References | None = None


class Argument(msgspec.Struct, frozen=True):
    """Where one argument may come from: any of the sources suffices; no source at all means anywhere."""

    sources: tuple[Source, ...] = ()
    match: Match = Match.VALUE
    type: str = ""
    """What the value itself must be: a type of `extract`, `boolean`, `text` or `datetime`; empty for anything."""
    required: bool = False
    broken: Step | None = None
    """What happens when it is not satisfied; None means as its tool says."""
    line: int = 0

    @property
    def is_literal(self) -> bool:
        """Whether only values that the contract holds are meant: then nothing, too, has to be one of them."""
        return bool(self.sources) and all(isinstance(source.place, Literal) for source in self.sources)


class Tool(msgspec.Struct, frozen=True):
    """What a contract says of one tool."""

    times: int | None = None
    """Most calls in the task; None is no limit."""
    arguments: tuple[tuple[tuple[str, ...], Argument], ...] = ()
    """For each path into the arguments what holds there; `*` stands for any one step."""
    otherwise: Step = Step.ANY
    """What holds for an argument that no path names: any, ask or deny."""
    broken: Step = Step.DENY
    """What happens when an argument is not satisfied: ask or deny."""
    line: int = 0


class Contract(msgspec.Struct, frozen=True):
    """What one agent may do in one task."""

    tools: dict[str, Tool]
    otherwise: Step = Step.READ_ONLY
    """What holds for a tool that is not listed: read-only, ask or deny."""
    description: str = ""
    file: str = ""
    line: int = 0


class Declared(msgspec.Struct, frozen=True):
    """A contract and who stands behind it."""

    contract: Contract
    trusted: bool
    """Whether keeping to it spares a person's approval: not when only a stranger's prompt was read to write it."""
    by: str = ""
    """Principal that declared it; empty for the team's own file."""


class Call(msgspec.Struct, frozen=True):
    """One tool call, as a contract sees it."""

    tool: str
    arguments: Any
    """Parsed JSON; an object unless the caller sent nonsense."""
    agent: str = ""
    """Who calls."""
    server: str = ""
    """Principal of the tool's server."""
    reads_only: bool = False
    """Whether the tool is known to only read."""


class Finding(msgspec.Struct, frozen=True):
    """How a call stands to a contract, and why."""

    state: State
    code: str = ""
    reason: str = ""
    argument: str = ""
    """The argument that decided, as a dotted path."""
    file: str = ""
    line: int = 0
