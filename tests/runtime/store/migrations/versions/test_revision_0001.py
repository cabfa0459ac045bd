from pathlib import Path

from sqlalchemy import inspect

from lictor.runtime.store.engines import make_writing, read_url
from lictor.runtime.store.migration import migrate


def test_the_first_revision_makes_the_first_tables(tmp_path: Path) -> None:
    engine = make_writing(read_url(f"sqlite:///{tmp_path}/r.db"))
    migrate(engine, to="0001")
    names = inspect(engine).get_table_names()
    assert set(names) == {"batches", "messages", "verdicts", "tasks", "lictor_revision"}
    engine.dispose()
