"""Runs revisions on the connection that `open_store` gives, within its transaction."""

from alembic import context

from lictor.runtime.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=context.config.attributes["version_table"],
)
context.run_migrations()
