"""What a task has read, kept so that a contract can tell where a value came from. Bounded; forgetting refuses."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from lictor.guardrails.contract.contract import Declared
from lictor.guardrails.contract.fields import Field, walk_fields
from lictor.guardrails.contract.text import Text

_MOST_TEXT: Final = 1_048_576
_MOST_TEXTS: Final = 512
_MOST_TASKS: Final = 10_000
_MOST_KEPT: Final = 67_108_864
_FIELD: Final = 400
_MOST_CHOSEN: Final = 64
_MOST_UNSEARCHED: Final = 196_608
_MOST_FORGOTTEN: Final = 50_000


class Speaker(StrEnum):
    """Whose text it is."""

    PROMPT = "prompt"
    TOOL = "tool"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Origin:
    """One text that a task has read."""

    speaker: Speaker
    name: str
    """The tool's or the agent's name; for a prompt, who said it."""
    server: str
    """Principal of the tool's server; empty for others."""
    untrusted: bool
    message: str
    """Id of the message that brought it."""
    text: Text
    arguments: tuple[Field, ...] = ()
    """For a tool's answer, the leaves of the call's arguments."""


@dataclass(slots=True)
class TaskOrigins:
    """What one task has read, and which tools were called in it.

    A text beyond 1 MiB in all, or the 512th, is not kept: `overflow` then tells that what is not found may have been
    there. That never allows anything.
    """

    kept: list[Origin] = field(default_factory=list)
    size: int = 0
    weight: int = 0
    """What it costs to search all of it once: its characters, and some for each field that it may have."""
    overflow: bool = False
    calls: dict[tuple[str, str], int] = field(default_factory=dict)
    """For agent and tool, how many calls were delivered."""
    asked: dict[str, tuple[str, Any]] = field(default_factory=dict)
    """For a call that is not answered yet, by the id of its message, its tool and arguments."""
    chosen: dict[int, tuple[int, object, object]] = field(default_factory=dict)
    """For a source, by its identity: of how many texts its part was taken, the source, and the part."""
    unsearched: list[Text] = field(default_factory=list)
    """Texts in which nothing was looked for yet, unless a call was judged."""
    declared: dict[str, Declared] = field(default_factory=dict)
    """For an agent, the contract that was declared for it in this task."""

    def add(
        self,
        speaker: Speaker,
        name: str,
        text: str,
        data: bytes = b"",
        *,
        server: str = "",
        untrusted: bool = True,
        message: str = "",
        arguments: Any = None,  # noqa: ANN401 -- any JSON
    ) -> int:
        """Keep a text; returns the characters that it takes.

        `data` is the same as JSON, `arguments` what the tool was called with.
        """
        if not text and not data:
            return 0
        if len(self.kept) >= _MOST_TEXTS or self.size >= _MOST_TEXT:
            self.overflow = True
            return 0
        held = Text(text or data.decode(errors="replace"), data)
        self.unsearched.append(held)
        self.kept.append(Origin(speaker, name, server, untrusted, message, held, _leaves(arguments)))
        size = len(held.raw) + len(data)
        self.size += size
        self.weight += size + _FIELD * (data.count(b",") if data else held.raw.count(","))
        self.overflow = self.overflow or held.cut
        return size

    def prepare(self, kinds: Iterable[str]) -> None:
        """Look for values of these types in what is oldest, when much was read since: the next call need not."""
        size = sum([len(text.raw) for text in self.unsearched])
        while size > _MOST_UNSEARCHED:
            text = self.unsearched.pop(0)
            size -= len(text.raw)
            for kind in kinds:
                text.values(kind)

    def count(self, agent: str, server: str, tool: str) -> None:
        """Count a delivered call."""
        for name in (tool, f"{server}/{tool}"):
            self.calls[agent, name] = self.calls.get((agent, name), 0) + 1

    def choose(self, source: object, part: object) -> None:
        """Keep what was found for a source until more is read."""
        if len(self.chosen) >= _MOST_CHOSEN:
            self.chosen.clear()
        self.chosen[id(source)] = (len(self.kept), source, part)

    def called(self, agent: str, name: str) -> int:
        """Return how often an agent has called a tool, by its name or by `server/name`."""
        return self.calls.get((agent, name), 0)


@dataclass(slots=True)
class _Owner:
    """What is kept for one who began tasks; `tasks` has the least recently used one first."""

    tasks: OrderedDict[str, None] = field(default_factory=OrderedDict)
    kept: int = 0


class OriginStore:
    """Keeps what each task under a contract has read; what is beyond its bounds is forgotten.

    Whoever has most loses first, its least recently used task: nobody can push out what belongs to others. A forgotten
    task is remembered as forgotten: it cannot begin again with nothing read and nothing called.
    """

    def __init__(self, most: int = _MOST_TASKS, most_kept: int = _MOST_KEPT) -> None:
        self._most = most
        self._most_kept = most_kept
        self._tasks: dict[str, TaskOrigins] = {}
        self._kept = 0
        self._owners: dict[str, _Owner] = {}
        self._owner_of: dict[str, str] = {}
        self._forgotten: OrderedDict[str, None] = OrderedDict()

    def find(self, task: str) -> TaskOrigins | None:
        """Return what the task has read; None when it is not known, or not any more."""
        found = self._tasks.get(task)
        if found is not None:
            self._owners[self._owner_of[task]].tasks.move_to_end(task)
        return found

    def is_forgotten(self, task: str) -> bool:
        """Tell whether the task was known once and is not any more."""
        if task not in self._forgotten:
            return False
        self._forgotten.move_to_end(task)
        return True

    def begin(self, task: str, owner: str = "") -> TaskOrigins | None:
        """Return what the task has read, nothing for a new one; None when it was forgotten. `owner` is who began it."""
        found = self.find(task)
        if found is not None or self.is_forgotten(task):
            return found
        self._tasks[task] = found = TaskOrigins()
        self._owner_of[task] = owner
        self._owners.setdefault(owner, _Owner()).tasks[task] = None
        self._trim(task)
        return found

    def keep(self, task: str, size: int) -> None:
        """Count what was added to a task; others are forgotten when it is too much in all."""
        if task not in self._owner_of:
            return
        self._kept += size
        self._owners[self._owner_of[task]].kept += size
        self._trim(task)

    def _trim(self, latest: str) -> None:
        while len(self._tasks) > self._most or self._kept > self._most_kept:
            many = len(self._tasks) > self._most
            ordered = sorted(self._owners.values(), key=lambda each: len(each.tasks) if many else each.kept)
            task = next((task for owner in reversed(ordered) for task in owner.tasks if task != latest), "")
            if not task:
                return
            self._forget(task)

    def _forget(self, task: str) -> None:
        size, name = self._tasks.pop(task).size, self._owner_of.pop(task)
        owner = self._owners[name]
        del owner.tasks[task]
        owner.kept -= size
        self._kept -= size
        if not owner.tasks:
            del self._owners[name]
        self._forgotten[task] = None
        if len(self._forgotten) > _MOST_FORGOTTEN:
            self._forgotten.popitem(last=False)


def _leaves(arguments: Any) -> tuple[Field, ...]:  # noqa: ANN401
    try:
        return tuple(walk_fields(arguments))
    except ValueError:
        return ()
