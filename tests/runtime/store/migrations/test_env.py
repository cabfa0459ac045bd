from pathlib import Path

from sqlalchemy import inspect

from lictor.runtime.store import migration
from lictor.runtime.store.engines import make_writing, read_url


def test_revisions_run_on_the_given_connection_within_its_transaction(tmp_path: Path) -> None:
    engine = make_writing(read_url(f"sqlite:///{tmp_path}/r.db"))
    migration.migrate(engine)
    names = inspect(engine).get_table_names()
    assert "lictor_revision" in names
    assert "alembic_version" not in names
    engine.dispose()
