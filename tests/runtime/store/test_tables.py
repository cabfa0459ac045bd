from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from lictor.runtime.store.store import open_store
from lictor.runtime.store.tables import metadata


def test_the_revisions_make_exactly_these_tables(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/r.db") as store, store.engines[0].connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "lictor_revision"})
        assert compare_metadata(context, metadata) == []
