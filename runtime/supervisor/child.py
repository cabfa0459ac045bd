"""A child: what it is, how it is restarted, and the contract of what runs it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Restart(StrEnum):
    """OTP's restart types: when a child that ended is started again."""

    PERMANENT = "permanent"
    """Always."""
    TRANSIENT = "transient"
    """When it ended badly."""
    TEMPORARY = "temporary"
    """Never."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """One child, in OTP's words (supervisor.erl, child_spec)."""

    name: str
    """The part's name; for a principal, the principal's."""
    kind: str
    """`bus`, `recorder`, `enforcer`, `model`, `tool` or `agent`."""
    restart: Restart = Restart.PERMANENT
    intensity: int = 3
    """Restarts allowed within `period`."""
    period: float = 60.0
    """Seconds."""
    backoff_first: float = 0.0
    """Seconds before the first restart; doubles with each restart within the period."""
    backoff_most: float = 30.0
    shutdown: float = 5.0
    """Seconds it may take to stop by itself before it is killed."""
    start: float = 120.0
    """Seconds it may take to get ready."""
    significant: bool = False
    """Nothing works without it: when it is given up, so is the team."""


class ChildFailed(Exception):
    """Raised when a child ended badly; the text is one sentence for a person."""


class Handle(Protocol):
    """One running instance of a child."""

    @property
    def pid(self) -> int:
        """Process id; 0 when there is none."""
        ...

    async def ready(self) -> None:
        """Return when it does its work; raises ChildFailed when it ended before that."""
        ...

    async def wait(self) -> None:
        """Return when it ended well; raises ChildFailed when it ended badly."""
        ...

    async def stop(self, patience: float) -> None:
        """Ask it to end, kill it after `patience` seconds; returns when it is gone. A second call does nothing."""
        ...


Starter = Callable[[], Awaitable[Handle]]
"""Starts one instance; raises ChildFailed."""
