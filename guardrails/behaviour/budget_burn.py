"""Budget burn: how much of a task's budget will be gone soon, if it goes on like this."""

from typing import Final

from lictor.guardrails.admit import TaskBudget
from lictor.guardrails.ledger import Usage

HORIZON: Final = 30.0
"""Seconds looked ahead."""
_FLOOR: Final = 0.8


class Burn:
    """Remembers what one principal had used in one task when it was last looked at."""

    __slots__ = ("_at", "_calls", "_messages", "_tokens")

    def __init__(self, now: float) -> None:
        self._at = now
        self._messages = 0
        self._calls = 0
        self._tokens = 0

    def share(self, usage: Usage, budget: TaskBudget, now: float) -> float:
        """Return the share of the budget that will be used at the horizon, in tenths from 0.8 to 1.0, or 0.

        The worst of messages, tool calls and tokens counts.
        """
        passed = max(1.0, now - self._at)
        ahead = HORIZON / passed
        worst = max(
            _share(usage.messages, self._messages, budget.messages, ahead),
            _share(usage.tool_calls, self._calls, budget.tool_calls, ahead),
            _share(usage.tokens, self._tokens, budget.tokens, ahead),
        )
        if now - self._at >= HORIZON:
            self._at, self._messages, self._calls, self._tokens = now, usage.messages, usage.tool_calls, usage.tokens
        return min(int(worst * 10) / 10, 1.0) if worst >= _FLOOR else 0.0


def _share(used: int, before: int, most: int, ahead: float) -> float:
    """Return used + expected over most; what was used counts for half before anything is expected of it."""
    if most <= 0 or used * 2 < most:
        return 0.0
    return (used + (used - before) * ahead) / most
