"""The tables of the record. A change here needs a revision in `migrations/versions`."""

from typing import Final

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
    Index("messages_by_id", "id"),
    Index("messages_by_at", "at"),
    Index("messages_by_task", "task", "number"),
    Index("messages_by_sender", "sender", "number"),
    Index("messages_by_target", "target", "number"),
)
"""Every judged message, in the order in which it was stored. Ids are the senders', so two messages may claim one."""

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
    PrimaryKeyConstraint("message", "position"),
)
"""What each layer that was asked said of a message. `obligations` is a JSON list."""

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
    Index("tasks_by_state", "state", "enforcer"),
    Index("tasks_by_opened_at", "opened_at"),
)
"""One row for each task of an outside caller or operator, derived from the messages."""
