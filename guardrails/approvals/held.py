"""What is held: the messages that wait, and what is known of why."""

import msgspec

from lictor.guardrails.approvals.asks import asks_of
from lictor.guardrails.approvals.digest import Deed
from lictor.guardrails.layer import Circumstances
from lictor.guardrails.verdict import Judgement, Verdict
from lictor.protocols.envelope import Envelope


class Waiting(msgspec.Struct, frozen=True):
    """One message that waits."""

    envelope: Envelope
    about: Circumstances
    """What its layers were told beside it."""
    judgement: Judgement
    """What the layers said when it was held."""
    hops: int
    method: str = ""
    """For an answer, the method of its request."""
    sealed: bytes = b""
    """What was redacted before a person is shown it, encrypted."""
    original: str = ""
    """SHA-256 in hex of the body as it was sent, when it was redacted."""

    @property
    def request(self) -> Envelope | None:
        """For an answer, the request that it answers."""
        return self.about.request

    def still_in_time(self, now: float) -> "Waiting":
        """Return the message with its deadline later by the time that it has waited."""
        envelope = self.envelope
        if not envelope.deadline:
            return self
        later = msgspec.structs.replace(envelope, deadline=envelope.deadline + now - self.about.now)
        return msgspec.structs.replace(self, envelope=later)

    @property
    def asker(self) -> str:
        """Who waits for it: the sender of a request, and of an answer the one who asked."""
        return self.request.sender if self.request is not None else self.envelope.sender

    @property
    def reply_to(self) -> str:
        """Subject on which the one who waits is told; empty when nobody waits."""
        return self.request.reply_to if self.request is not None else self.envelope.reply_to


class Change(msgspec.Struct, frozen=True):
    """One edit of an action that waits."""

    digest: str
    """Of the action before."""
    arguments: bytes
    """Those before."""
    by: str
    at: float
    likeness: str = ""
    """Of the action before."""


class Held(msgspec.Struct, frozen=True):
    """One action that waits for a person, asked for by one message or by several alike."""

    id: str
    deed: Deed
    messages: tuple[Waiting, ...]
    """The same action, asked for again and again within its task; when approved, the latest alone is delivered."""
    why: Verdict
    """The verdict that held it."""
    since: float
    until: float
    """Unix time in seconds at which it is denied."""
    agreed: tuple[str, ...] = ()
    """Who has approved it already, where one person is not enough."""
    changes: tuple[Change, ...] = ()

    @property
    def asks(self) -> tuple[Verdict, ...]:
        """All that people are asked about it, as it was when it came to wait; `why` is the first."""
        return asks_of(self.first.judgement) or (self.why,)

    @property
    def first(self) -> Waiting:
        """The message that was held first: the approval is told by its id."""
        return self.messages[0]

    @property
    def latest(self) -> Waiting:
        """The message that is delivered when it is approved."""
        return self.messages[-1]


class Decided(msgspec.Struct, frozen=True):
    """How one ended; of the action itself nothing is kept."""

    state: str
    """approved, denied or expired."""
    by: str
    note: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    """Task and likeness of the action, and of those that it was before it was edited."""
