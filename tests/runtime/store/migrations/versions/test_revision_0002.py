from pathlib import Path

from sqlalchemy import inspect, text

from lictor.runtime.store.engines import make_writing, read_url
from lictor.runtime.store.migration import migrate


def test_the_second_revision_adds_the_evidence_and_leaves_old_rows_outside_the_chain(tmp_path: Path) -> None:
    engine = make_writing(read_url(f"sqlite:///{tmp_path}/r.db"))
    migrate(engine, to="0001")
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO tasks VALUES ('t', 'working', 'o', 'a', 'q', '', '', 'r', '', 1.0, 2.0, 'e', 'i')")
        )
    migrate(engine, to="0002")
    added = {"approvals", "approval_changes", "marks", "shadows", "heads"}
    assert added <= set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT held FROM tasks")) == ""
    engine.dispose()
