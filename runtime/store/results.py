"""What the record tells: frozen values, read from its rows."""

from dataclasses import dataclass

from lictor.guardrails.verdict import Outcome

_STRICTNESS = {outcome.word: int(outcome) for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One layer's recorded verdict."""

    layer: str
    outcome: str
    code: str
    reason: str
    rule: str
    file: str
    line: int
    obligations: tuple[str, ...]
    cost_us: float
    facts: bytes = b""
    """The question that the policy was asked, as JSON; empty for layers that ask none."""


@dataclass(frozen=True, slots=True)
class Message:
    """One judged message, delivered or not."""

    number: int
    """Place in the record, from 1; the cursor of lists and of following."""
    id: str
    """As the sender minted it: a replay claims the id of another."""
    at: float
    """Unix time in seconds at which it was judged."""
    enforcer: str
    bundle: str
    sender: str
    target: str
    kind: str
    outcome: str
    """`allow`, `redact`, `hold`, `deny`, `quarantine`; `lost` or `expired` for an answer that never came."""
    size: int
    """Bytes of the body as it was sent."""
    task: str
    context: str
    parent: str
    in_reply_to: str
    step: str
    hops: int
    ends: bool
    """False for a part of a streamed answer that is not the last."""
    trace: str
    content_type: str
    labels: str
    method: str
    cost_us: float
    body: bytes
    """Whole, but empty in lists when it is larger than lists load."""
    said: str
    """The body for a person to read."""
    verdicts: tuple[Verdict, ...]
    """Of the layers that were asked, in their order."""
    causes: str = ""
    """JSON object: for each label what first brought it; see `lineage`."""
    approval: str = ""
    """Id of the approval that held it, or let it pass."""
    sealed: bytes = b""
    """What was redacted, encrypted; empty in lists when it is larger than lists load."""
    digest: str = ""
    """SHA-256 in hex of the body as it was sent, when it was redacted."""
    link: int = 0
    """Place in the audit chain; 0 when it is older than the chain."""
    chain: bytes = b""

    @property
    def delivered(self) -> bool:
        """Whether it was let through."""
        return self.outcome in {"allow", "redact"}

    @property
    def deciding(self) -> Verdict | None:
        """The first of the strictest verdicts; None when none was recorded."""
        return max(self.verdicts, key=lambda verdict: _STRICTNESS.get(verdict.outcome, 0), default=None)


@dataclass(frozen=True, slots=True)
class Task:
    """One task of an outside caller or operator."""

    id: str
    state: str
    """`working`, `completed`, `failed`, `refused`, or what else A2A names: `canceled`, `input-required`, …"""
    owner: str
    agent: str
    question: str
    """The first 4000 characters of what was asked."""
    reason: str
    """Why it failed or was refused."""
    context: str
    request: str
    """Id of the message that asked."""
    answered_by: str
    """Id of the message that answered; empty while there is none."""
    opened_at: float
    """Unix time in seconds."""
    changed_at: float
    enforcer: str
    instance: str
    held: str = ""
    """Ids of its messages that wait for an approval, separated by spaces."""


@dataclass(frozen=True, slots=True)
class Approval:
    """The latest state of one approval."""

    id: str
    at: float
    """Unix time in seconds of this state."""
    state: str
    """`pending`, `approved`, `denied` or `expired`."""
    message: str
    task: str
    sender: str
    target: str
    tool: str
    arguments: bytes
    digest: str
    reason: str
    code: str
    rule: str
    file: str
    line: int
    labels: str
    until: float
    by: str
    note: str
    enforcer: str
    instance: str


@dataclass(frozen=True, slots=True)
class Shadow:
    """What a draft of the policy would have said of one message, where it differs."""

    number: int
    at: float
    message: str
    revision: str
    layer: str
    outcome: str
    code: str
    reason: str
    rule: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Node:
    """A message, and what it led to."""

    message: Message
    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class TaskStory:
    """A task with everything that was said in it."""

    task: Task
    answer: str
    """The text that answered it; empty while there is none."""
    messages: tuple[Message, ...]
    """In the order of the record."""
    tree: tuple[Node, ...]
    """The same messages: answers lie below what they answer, requests below what led to them."""
    truncated: bool = False
    """Whether the task has more messages than were read."""


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages are wanted; an empty field wants all."""

    task: str = ""
    sender: str = ""
    target: str = ""
    kind: str = ""
    outcome: str = ""
    since: float = 0.0
    """Unix time in seconds."""
