"""Layer admit: deadline, hops, rate and budget, with limits from the YAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.verdict import Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.subjects import Kind

_MCP: Final = Kind.MCP
_REPLY: Final = Kind.REPLY

NAME: Final = "admit"
_ALLOW: Final = Verdict(NAME, Outcome.ALLOW)


@dataclass(frozen=True, slots=True)
class TaskBudget:
    """What one principal may use within one task; see the agent's `budget:` in the YAML."""

    tokens: int = 100_000
    time: float = 600.0
    messages: int = 100
    tool_calls: int = 50
    depth: int = 8
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class AdmitLimits:
    """Limits of the whole team."""

    max_hops: int = 12
    rate: int = 50
    """Messages that one principal may send within `period`."""
    period: float = 1.0
    budgets: Mapping[str, TaskBudget] | None = None


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Admit:
    """Judges limits; answers are not rated, because each was asked for."""

    name = NAME

    def __init__(self, ledger: TaskLedger, limits: AdmitLimits) -> None:
        self._ledger = ledger
        self._limits = limits
        self._buckets: dict[str, _Bucket] = {}

    def judge(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        """Deny what is late, too deep, too fast or over budget; count what passes."""
        if envelope.kind is _REPLY:
            return self._count_answer(envelope, circumstances)
        now = circumstances.now
        if envelope.deadline and envelope.deadline <= now:
            return Verdict(NAME, Outcome.DENY, "admit.late", "nobody waits for it any more: its deadline has passed")
        if not self._spend(envelope.sender, now):
            reason = f"{envelope.sender} sends more than {self._limits.rate} messages in {self._limits.period:g} s"
            return Verdict(NAME, Outcome.DENY, "admit.rate", reason)
        if not envelope.task:
            return _ALLOW
        hops = self._ledger.hops(envelope.task, envelope.sender)
        if hops > self._limits.max_hops:
            reason = (
                f"the task has gone through {hops} hops; the limit is {self._limits.max_hops} (guards.loops.max_hops)"
            )
            return Verdict(NAME, Outcome.DENY, "admit.hops", reason)
        return self._judge_budget(envelope, circumstances, hops)

    def _spend(self, sender: str, now: float) -> bool:
        rate, period = self._limits.rate, self._limits.period
        bucket = self._buckets.get(sender)
        if bucket is None:
            bucket = self._buckets[sender] = _Bucket(float(rate), now)
        level = min(float(rate), bucket.level + (now - bucket.at) * rate / period)
        bucket.at = now
        if level < 1.0:
            bucket.level = level
            return False
        bucket.level = level - 1.0
        return True

    def _judge_budget(self, envelope: Envelope, circumstances: Circumstances, hops: int) -> Verdict:
        budget = (self._limits.budgets or {}).get(envelope.sender)
        if budget is None:
            return _ALLOW
        usage = self._ledger.usage(envelope.task, envelope.sender)
        calls_tool = envelope.kind is _MCP
        spent = None
        if usage.messages >= budget.messages:
            spent = ("messages", f"{budget.messages} messages")
        elif calls_tool and usage.tool_calls >= budget.tool_calls:
            spent = ("tool_calls", f"{budget.tool_calls} tool calls")
        elif usage.tokens >= budget.tokens:
            spent = ("tokens", f"{budget.tokens} tokens ({usage.tokens} used)")
        elif self._ledger.age(envelope.task, circumstances.now) >= budget.time:
            spent = ("time", f"{budget.time:g} s")
        elif hops > budget.depth:
            spent = ("depth", f"a depth of {budget.depth} ({hops} reached)")
        if spent is not None:
            word, limit = spent
            reason = f"{envelope.sender} has used up its budget of {limit} for this task"
            return Verdict(NAME, Outcome.DENY, f"admit.budget_{word}", reason, "", budget.file, budget.line)
        usage.messages += 1
        usage.tool_calls += calls_tool
        return _ALLOW

    def _count_answer(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        request = circumstances.request
        if request is not None and circumstances.action.tokens:
            self._ledger.usage(request.task, request.sender).tokens += circumstances.action.tokens
        return _ALLOW
