from collections.abc import Iterator
from pathlib import Path

import pytest
from record_entries import a_batch, an_entry
from sqlalchemy import text

from lictor.runtime.store.failures import StoreUnavailable, Unstorable
from lictor.runtime.store.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/r.db") as opened:
        yield opened


def test_a_batch_that_the_database_refuses_takes_nothing_else_down_with_it(store: Store) -> None:
    bad = a_batch(2, an_entry(cost_us=float("nan")))  # SQLite keeps NaN as NULL
    with pytest.raises(Unstorable, match="cost_us"):
        store.writer.write_batches([a_batch(1), bad])
    assert store.reader.last() == 0
    assert store.writer.write_batches([a_batch(1)]) == 1


def test_a_full_disk_is_worth_trying_again(store: Store) -> None:
    writing, _ = store.engines
    with writing.begin() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StoreUnavailable, match="full"):
        store.writer.write_batches([a_batch(1, an_entry(body=b"x" * 1_000_000))])
    with writing.begin() as connection:
        connection.execute(text("PRAGMA max_page_count = 1000000"))
    assert store.writer.write_batches([a_batch(1, an_entry(body=b"x" * 1_000_000))]) == 1


def test_what_is_stored_is_dated_and_counted(store: Store) -> None:
    store.writer.write_batches([a_batch(1, an_entry(), an_entry()), a_batch(2)])
    with store.engines[1].connect() as connection:
        rows = connection.execute(text('SELECT sequence, "first", count FROM batches ORDER BY sequence')).all()
    assert [tuple(row) for row in rows] == [(1, 1, 2), (2, 3, 1)]
