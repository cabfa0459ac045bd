from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from lictor.runtime.store.engines import make_writing, read_url
from lictor.runtime.store.failures import NewerRecord, NoRecord, NotARecord
from lictor.runtime.store.migration import current, migrate, newest, require_current


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_writing(read_url(f"sqlite:///{tmp_path}/r.db"))
    yield made
    made.dispose()


def test_an_empty_database_is_brought_to_the_newest_revision(engine: Engine) -> None:
    with engine.connect() as connection:
        assert current(connection) == ""
        with pytest.raises(NoRecord):
            require_current(connection)
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        assert current(connection) == newest() != ""
        require_current(connection)


def test_what_a_newer_lictor_wrote_is_left_alone(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE lictor_revision SET version_num = 'later'"))
    with pytest.raises(NewerRecord, match="revision later"):
        migrate(engine)
    with engine.connect() as connection, pytest.raises(NewerRecord):
        require_current(connection)


def test_a_foreign_table_of_the_same_name_is_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE messages (n INTEGER)"))
    with pytest.raises(NotARecord, match="messages"):
        migrate(engine)
