"""The ledger of tasks: who takes part in each, how deep, and what it has used. Computed here, never claimed."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

_MOST_TASKS: Final = 50_000


@dataclass(slots=True)
class Usage:
    """What one principal has used within one task."""

    messages: int = 0
    tool_calls: int = 0
    tokens: int = 0


@dataclass(slots=True)
class TaskAccount:
    """One task as the enforcer knows it."""

    owner: str
    """The outside caller or operator that started it."""
    started: float
    """Unix time in seconds; later by what was not counted."""
    paused: float = 0.0
    """Since when its time is not counted; 0 while it is."""
    depth: dict[str, int] = field(default_factory=dict)
    """For each principal that takes part, how many hops from the owner it was last reached."""
    usage: dict[str, Usage] = field(default_factory=dict)


class TaskLedger:
    """Keeps an account for each task; the least recently used is forgotten beyond `most`.

    A forgotten task cannot be taken up again by its agents, so forgetting never resets a budget.
    """

    def __init__(self, most: int = _MOST_TASKS) -> None:
        self._most = most
        self._accounts: OrderedDict[str, TaskAccount] = OrderedDict()

    def knows(self, task: str) -> bool:
        """Tell whether there is an account for the task."""
        return task in self._accounts

    def joins(self, task: str, principal: str, *, starts: bool, now: float) -> bool:
        """Tell whether the principal may speak in the task; one that may start tasks starts an unknown one."""
        account = self._accounts.get(task)
        if account is None:
            if not starts:
                return False
            while len(self._accounts) >= self._most:
                self._accounts.popitem(last=False)
            self._accounts[task] = TaskAccount(principal, now, depth={principal: 0})
            return True
        self._accounts.move_to_end(task)
        return principal in account.depth

    def reach(self, task: str, principal: str, hops: int) -> None:
        """Note that a message of the task was delivered to the principal."""
        account = self._accounts.get(task)
        if account is not None:
            account.depth[principal] = hops

    def hops(self, task: str, sender: str) -> int:
        """Return the hop count of a message that the sender sends in the task."""
        account = self._accounts.get(task)
        return account.depth.get(sender, 0) + 1 if account is not None else 1

    def age(self, task: str, now: float) -> float:
        """Return the seconds since the task was started, without those that were not counted; 0 for an unknown one."""
        account = self._accounts.get(task)
        return (account.paused or now) - account.started if account is not None else 0.0

    def owner(self, task: str) -> str:
        """Return who started the task; empty for an unknown one."""
        account = self._accounts.get(task)
        return account.owner if account is not None else ""

    def pause(self, task: str, now: float) -> None:
        """Do not count the task's time from now on: it waits for a person. A second call changes nothing."""
        account = self._accounts.get(task)
        if account is not None and not account.paused:
            account.paused = now

    def resume(self, task: str, now: float) -> None:
        """Count the task's time again."""
        account = self._accounts.get(task)
        if account is not None and account.paused:
            account.started += now - account.paused
            account.paused = 0.0

    def usage(self, task: str, principal: str) -> Usage:
        """Return the principal's usage in the task, to be read or counted up; unknown tasks have none to keep."""
        account = self._accounts.get(task)
        if account is None:
            return Usage()
        used = account.usage.get(principal)
        if used is None:
            used = account.usage[principal] = Usage()
        return used
