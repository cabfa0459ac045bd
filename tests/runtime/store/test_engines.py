from pathlib import Path

import pytest
from sqlalchemy import URL, text

from lictor.runtime.store.engines import file_of, make_reading, make_writing, place_of, read_url, show_url
from lictor.runtime.store.failures import StoreError


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite:///.lictor/lictor.db", "sqlite+pysqlite"),
        ("postgres://u:p@h/n", "postgresql+psycopg"),
        ("postgresql://u:p@h/n", "postgresql+psycopg"),
    ],
)
def test_a_url_names_its_database(given: str, driver: str) -> None:
    assert read_url(given).drivername == driver


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("lictor.db", "no store URL"),
        ("mysql://u:secret@h/n", "not in mysql"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        ("u:secret@nonsense", "no store URL"),
    ],
)
def test_a_url_that_is_none_is_refused_without_its_password(given: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as caught:
        read_url(given)
    assert "secret" not in str(caught.value)


def test_a_url_is_shown_as_it_was_written_without_its_password() -> None:
    assert show_url(read_url("sqlite:///.lictor/lictor.db")) == "sqlite:///.lictor/lictor.db"
    assert show_url(read_url("postgres://u:secret@h:5/n")) == "postgresql://u:***@h:5/n"


def test_sqlite_is_synced_at_each_commit_and_waits_for_its_turn(tmp_path: Path) -> None:
    engine = make_writing(read_url(f"sqlite:///{tmp_path}/r.db"))
    with engine.connect() as connection:
        found = [connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "busy_timeout")]
    assert found == ["wal", 2, 5000]
    engine.dispose()


def test_reading_never_makes_a_file_and_takes_odd_names(tmp_path: Path) -> None:
    odd = tmp_path / "a b?c#d%20é.db"
    url = make_url(odd)
    writing = make_writing(url)
    with writing.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    reading = make_reading(url)
    with reading.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM t")) == 0
    assert file_of(url) == odd
    writing.dispose()
    reading.dispose()
    missing = make_reading(make_url(tmp_path / "none.db"))
    with pytest.raises(Exception, match="unable to open"):
        missing.connect()
    assert not (tmp_path / "none.db").exists()


def make_url(file: Path) -> URL:
    return URL.create("sqlite+pysqlite", database=str(file))


def test_a_place_tells_records_apart_however_the_url_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert place_of(read_url("sqlite:///r.db")) == place_of(read_url(f"sqlite:///{tmp_path}/x/../r.db"))
    assert place_of(read_url("postgresql://u:secret@host:5433/name")) == "postgresql://host:5433/name"
