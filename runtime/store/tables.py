"""The tables of the record. A change here needs a revision in `migrations/versions`."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

metadata: Final = MetaData()

batches: Final = Table(
    "batches",
    metadata,
    Column("enforcer", Text, nullable=False),
    Column("instance", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("stored_at", Double, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("enforcer", "instance", "sequence"),
)
"""What has been stored: a batch that is here is not stored again. `first` is the number of its first message."""

messages: Final = Table(
    "messages",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("enforcer", Text, nullable=False),
    Column("bundle", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("task", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("parent", Text, nullable=False),
    Column("in_reply_to", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("hops", BigInteger, nullable=False),
    Column("ends", Boolean(create_constraint=False), nullable=False),
    Column("trace", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("cost_us", Double, nullable=False),
    Column("causes", Text, nullable=False),
    Column("approval", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    Column("link", BigInteger, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Index("messages_by_id", "id"),
    Index("messages_by_at", "at"),
    Index("messages_by_task", "task", "number"),
    Index("messages_by_sender", "sender", "number"),
    Index("messages_by_target", "target", "number"),
)
"""Every judged message, in the order in which it was stored. Ids are the senders', so two messages may claim one.

`link` is its place in the audit chain and `chain` the hash up to it; 0 and nothing for what is older than the chain.
"""

verdicts: Final = Table(
    "verdicts",
    metadata,
    Column("message", BigInteger, ForeignKey("messages.number"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("layer", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("obligations", Text, nullable=False),
    Column("cost_us", Double, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    PrimaryKeyConstraint("message", "position"),
)
"""What each layer that was asked said of a message. `obligations` is a JSON list, `facts` the question as JSON."""

tasks: Final = Table(
    "tasks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("answered_by", Text, nullable=False),
    Column("opened_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("enforcer", Text, nullable=False),
    Column("instance", Text, nullable=False),
    Column("held", Text, nullable=False),
    Index("tasks_by_state", "state", "enforcer"),
    Index("tasks_by_opened_at", "opened_at"),
)
"""One row for each task of an outside caller or operator, derived from the messages.

`held` names the messages of the task that wait for an approval.
"""


def _approval() -> list[Column[Any]]:
    texts = ("message", "task", "sender", "target", "tool")
    told = ("digest", "reason", "code", "rule", "file")
    return [
        Column("at", Double, nullable=False),
        Column("state", Text, nullable=False),
        *(Column(name, Text, nullable=False) for name in texts),
        Column("arguments", LargeBinary, nullable=False),
        *(Column(name, Text, nullable=False) for name in told),
        Column("line", BigInteger, nullable=False),
        Column("labels", Text, nullable=False),
        Column("until", Double, nullable=False),
        Column("by", Text, nullable=False),
        Column("note", Text, nullable=False),
        Column("enforcer", Text, nullable=False),
        Column("instance", Text, nullable=False),
    ]


approval_changes: Final = Table(
    "approval_changes",
    metadata,
    Column("link", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    *_approval(),
    Column("chain", LargeBinary, nullable=False),
    Index("approval_changes_by_id", "id", "link"),
)
"""Every state that an approval went through; `link` is its place in the audit chain, which messages share."""

approvals: Final = Table(
    "approvals",
    metadata,
    Column("id", Text, primary_key=True),
    *_approval(),
    Index("approvals_by_state", "state", "enforcer"),
    Index("approvals_by_message", "message"),
)
"""The latest state of each approval, derived from the changes."""

marks: Final = Table(
    "marks",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("labels", Text, nullable=False),
    Column("causes", Text, nullable=False),
    Column("sources", Text, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("instance", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
"""The labels of what outlives a task: an agent's instance, a tool's store; with the batch that told them."""

shadows: Final = Table(
    "shadows",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("message", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("layer", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("line", BigInteger, nullable=False),
    Index("shadows_by_message", "message"),
)
"""Where a draft of the policy would have said something else; `at` is when it was stored."""

heads: Final = Table(
    "heads",
    metadata,
    Column("link", BigInteger, primary_key=True, autoincrement=False),
    Column("chain", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
"""Signed states of the audit chain: the latest, and about one for each second before it."""
