"""The first tables: batches, messages, verdicts, tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Create the tables; a later change is a later revision, never an edit here."""
    _create_batches()
    _create_messages()
    _create_verdicts()
    _create_tasks()


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _real(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double, nullable=False)


def _create_batches() -> None:
    op.create_table(
        "batches",
        *_texts("enforcer", "instance"),
        _number("sequence"),
        _real("stored_at"),
        _number("first"),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("enforcer", "instance", "sequence"),
    )


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        *_texts("id"),
        _real("at"),
        *_texts("enforcer", "bundle", "sender", "target", "kind", "outcome"),
        sa.Column("body", sa.LargeBinary, nullable=False),
        _number("size"),
        *_texts("task", "context", "parent", "in_reply_to", "step"),
        _number("hops"),
        sa.Column("ends", sa.Boolean(create_constraint=False), nullable=False),
        *_texts("trace", "content_type", "labels", "method"),
        _real("cost_us"),
    )
    op.create_index("messages_by_id", "messages", ["id"])
    op.create_index("messages_by_at", "messages", ["at"])
    for column in ("task", "sender", "target"):
        op.create_index(f"messages_by_{column}", "messages", [column, "number"])


def _create_verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("message", sa.BigInteger, sa.ForeignKey("messages.number"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *_texts("layer", "outcome", "code", "reason", "rule", "file"),
        _number("line"),
        *_texts("obligations"),
        _real("cost_us"),
        sa.PrimaryKeyConstraint("message", "position"),
    )


def _create_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("state", "owner", "agent", "question", "reason", "context", "request", "answered_by"),
        _real("opened_at"),
        _real("changed_at"),
        *_texts("enforcer", "instance"),
    )
    op.create_index("tasks_by_state", "tasks", ["state", "enforcer"])
    op.create_index("tasks_by_opened_at", "tasks", ["opened_at"])
