"""Constraints on calls as frozen values: what an argument must look like, and when something may be done."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A stretch of the week in UTC, on the same minutes of each of its days."""

    days: tuple[int, ...]
    """0 is Monday."""
    start: int
    """Minute of the day, 0 to 1439."""
    end: int
    """The first minute after it, 1 to 1440."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When something may be done; at other times it may not."""

    windows: tuple[TimeWindow, ...]
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ArgumentRule:
    """What one argument must be for a permit's entry to apply."""

    path: tuple[str, ...]
    """Where it stands: `message.to` is ("message", "to")."""
    sign: str
    """`=` compares with a glob, `<`, `<=`, `>`, `>=` with a number."""
    glob: str = ""
    """For `=`."""
    pattern: str = ""
    """For `=`: the glob as a regular expression that Go and Rust read alike."""
    value: float | bool | str | None = None
    """For a comparison the number; for `=` the plain value that is meant, when it is one: 5, true."""


@dataclass(frozen=True, slots=True)
class CallRule:
    """An entry of a permit that looks at arguments too: `send(to=*@example.com)`."""

    verdict: str
    """`allow`, `ask` or `deny`."""
    tool: str
    """Glob on the tool's name."""
    arguments: tuple[ArgumentRule, ...]
    text: str
    """As the YAML has it."""
    file: str = ""
    line: int = 0
