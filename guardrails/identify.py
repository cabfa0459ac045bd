"""Layer identify: the message is well formed, fresh, not replayed, and belongs to a task its sender is part of."""

from typing import Final

from lictor.guardrails.layer import Circumstances
from lictor.guardrails.ledger import TaskLedger
from lictor.guardrails.memory import SeenIds
from lictor.guardrails.verdict import Outcome, Verdict
from lictor.protocols.envelope import Envelope
from lictor.protocols.identifiers import is_id, minted_at
from lictor.protocols.names import Role, role_of
from lictor.protocols.subjects import Kind

_EVENT: Final = Kind.EVENT
_MCP: Final = Kind.MCP
_REPLY: Final = Kind.REPLY

NAME: Final = "identify"
TASKLESS: Final = frozenset({"tools/list", "server/discover", "initialize", "ping"})
"""MCP methods that a principal may call outside any task: they have no effect and carry no content."""

_ALLOW: Final = Verdict(NAME, Outcome.ALLOW)
_STARTERS: Final = frozenset({Role.EXTERNAL, Role.OPERATOR})


def _deny(code: str, reason: str) -> Verdict:
    return Verdict(NAME, Outcome.DENY, f"{NAME}.{code}", reason)


class Identify:
    """Judges identity; the broker has vouched for the sender, the subject has been parsed.

    `window` is how old an id may be, in seconds; ids minted before `since` (the start of this enforcer) are
    refused too, because what was seen before it is not known. Ids up to `skew` seconds ahead are taken. The same holds
    for the id of a task that is started: whoever has seen an old one cannot take the task over once it is forgotten.
    `most` is how many messages one sender may send within a window. Answers carry ids that the enforcer made.
    """

    name = NAME

    def __init__(
        self, ledger: TaskLedger, *, window: float = 60.0, skew: float = 5.0, since: float = 0.0, most: int = 50_000
    ) -> None:
        self._ledger = ledger
        self._window = window
        self._skew = skew
        self._since = since - skew
        self._most = most
        self._seen = SeenIds(window + skew, most)

    def judge(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        """Deny what is stale, from the future, seen before, or claims a task that is not its sender's."""
        if envelope.kind is _REPLY:
            return _ALLOW
        now = circumstances.now
        minted = minted_at(envelope.id)
        if minted < now - self._window or minted < self._since:
            return _deny("stale", f"message id {envelope.id} is too old")
        if minted > now + self._skew:
            return _deny("future", f"message id {envelope.id} is from the future: check the clocks")
        if envelope.id in self._seen:
            return _deny("replayed", f"a message with id {envelope.id} was received before")
        if not self._seen.add(envelope.id, envelope.sender, now):
            return _deny("flooded", f"{envelope.sender} sent more than {self._most} messages within {self._window:g} s")
        return self._judge_task(envelope, circumstances)

    def _is_fresh(self, task: str, now: float) -> bool:
        return is_id(task) and max(now - self._window, self._since) <= minted_at(task) <= now + self._skew

    def _judge_task(self, envelope: Envelope, circumstances: Circumstances) -> Verdict:
        if not envelope.task:
            if envelope.kind is _EVENT or (envelope.kind is _MCP and circumstances.action.method in TASKLESS):
                return _ALLOW
            return _deny("no_task", "the message belongs to no task: send the Lictor-Task header it was delivered with")
        starts = role_of(envelope.sender) in _STARTERS
        if starts and not self._ledger.knows(envelope.task) and not self._is_fresh(envelope.task, circumstances.now):
            return _deny("stale_task", "a task is started with a fresh id: one that was made just now, by `new_id`")
        if not self._ledger.joins(envelope.task, envelope.sender, starts=starts, now=circumstances.now):
            return _deny("foreign_task", f"{envelope.sender} has no part in task {envelope.task}")
        return _ALLOW
