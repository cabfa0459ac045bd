"""Evidence: labels' causes, approvals, the audit chain with its heads, what instances hold, what a draft would say.

What was stored before has link 0: the chain begins with the first message that is stored after this revision.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Add the columns and the tables; a later change is a later revision, never an edit here."""
    nothing = sa.text("x''") if op.get_bind().dialect.name == "sqlite" else sa.text("''::bytea")
    _add("messages", _text("causes"), _text("approval"), _bytes("sealed", nothing), _text("digest"))
    _add("messages", sa.Column("link", sa.BigInteger, nullable=False, server_default="0"), _bytes("chain", nothing))
    _add("verdicts", _bytes("facts", nothing))
    _add("tasks", _text("held"))
    _create_approvals()
    _create_marks()
    _create_shadows()
    _create_heads()


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _bytes(name: str, default: sa.TextClause) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary, nullable=False, server_default=default)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _real(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Double, nullable=False)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)


def _blob(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _approval() -> list[sa.Column[Any]]:
    return [
        _real("at"),
        *_texts("state", "message", "task", "sender", "target", "tool"),
        _blob("arguments"),
        *_texts("digest", "reason", "code", "rule", "file"),
        _number("line"),
        *_texts("labels"),
        _real("until"),
        *_texts("by", "note", "enforcer", "instance"),
    ]


def _create_approvals() -> None:
    op.create_table("approval_changes", _key("link"), *_texts("id"), *_approval(), _blob("chain"))
    op.create_index("approval_changes_by_id", "approval_changes", ["id", "link"])
    op.create_table("approvals", sa.Column("id", sa.Text, primary_key=True), *_approval())
    op.create_index("approvals_by_state", "approvals", ["state", "enforcer"])
    op.create_index("approvals_by_message", "approvals", ["message"])


def _create_marks() -> None:
    op.create_table(
        "marks",
        sa.Column("owner", sa.Text, primary_key=True),
        *_texts("labels", "causes", "sources"),
        _real("changed_at"),
        *_texts("instance"),
        _number("sequence"),
    )


def _create_shadows() -> None:
    op.create_table(
        "shadows",
        _key("number"),
        _real("at"),
        *_texts("message", "revision", "layer", "outcome", "code", "reason", "rule", "file"),
        _number("line"),
    )
    op.create_index("shadows_by_message", "shadows", ["message"])


def _create_heads() -> None:
    op.create_table("heads", _key("link"), _blob("chain"), _number("at_ms"), _blob("key"), _blob("signature"))
