"""The chain verified in place: whoever can write the database and has no key is found."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from audited_record import KEY, audited_store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_entries import AT
from sqlalchemy import text

from lictor.runtime.store.audit.auditor import Auditor, NothingSigned
from lictor.runtime.store.failures import StoreUnavailable
from lictor.runtime.store.store import Store, open_store

pytestmark = pytest.mark.slow


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with audited_store(f"sqlite:///{tmp_path}/r.db") as opened:
        yield opened


def change(store: Store, *statements: str) -> None:
    with store.engines[0].begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE messages SET outcome = 'allow' WHERE number = 3"],
        ["UPDATE messages SET body = x'00' WHERE number = 3"],
        ["UPDATE messages SET ends = 0 WHERE number = 3"],
        ["UPDATE messages SET body = 'text' WHERE number = 3"],
        ["UPDATE messages SET at = 'never', chain = 'text' WHERE number = 3"],
        ["UPDATE approval_changes SET at = 'never', arguments = 7 WHERE link = 6"],
        ["UPDATE heads SET key = 'text', signature = 'text' WHERE link = 10"],
        ["UPDATE messages SET at = at + 1 WHERE number = 3"],
        ["UPDATE verdicts SET reason = 'fine' WHERE message = 3 AND position = 2"],
        ["UPDATE verdicts SET facts = x'' WHERE message = 3 AND position = 2"],
        ["DELETE FROM verdicts WHERE message = 3 AND position = 2"],
        ["DELETE FROM verdicts WHERE message = 3", "DELETE FROM messages WHERE number = 3"],
        ["DELETE FROM verdicts WHERE message = 18", "DELETE FROM messages WHERE number = 18"],
        [
            "DELETE FROM verdicts WHERE message >= 17",
            "DELETE FROM messages WHERE number >= 17",
            "DELETE FROM heads WHERE link = 22",
            "DELETE FROM verdicts WHERE message >= 16",
            "DELETE FROM messages WHERE number >= 16",
        ],
        ["UPDATE messages SET number = 99 WHERE number = 2", "UPDATE verdicts SET message = 99 WHERE message = 2"],
        ["UPDATE messages SET link = 0 WHERE number = 18"],
        ["UPDATE approval_changes SET state = 'pending' WHERE link = 6"],
        ["UPDATE approval_changes SET arguments = x'7b7d' WHERE link = 4"],
        ["DELETE FROM approval_changes WHERE link = 6"],
        ["UPDATE approvals SET state = 'approved' WHERE id = 'other'"],
        ["DELETE FROM approvals"],
        ["UPDATE heads SET chain = x'00' WHERE link = 10"],
        ["UPDATE heads SET at_ms = 1 WHERE link = 10"],
        ["DELETE FROM heads WHERE link = 22"],
    ],
)
def test_any_change_is_found(store: Store, statements: list[str]) -> None:
    assert Auditor(store.engines[1]).verify([KEY.public]).ok
    change(store, "PRAGMA defer_foreign_keys = ON", *statements)
    assert not Auditor(store.engines[1]).verify([KEY.public]).ok


def test_two_rows_that_were_swapped_are_found(store: Store) -> None:
    columns = "id, body, method"
    with store.engines[0].begin() as connection:
        one, other = (
            tuple(connection.execute(text(f"SELECT {columns} FROM messages WHERE number = {n}")).one()) for n in (1, 2)
        )
        for number, values in ((1, other), (2, one)):
            connection.exec_driver_sql(
                f"UPDATE messages SET id = ?, body = ?, method = ? WHERE number = {number}", values
            )
    report = Auditor(store.engines[1]).verify()
    assert {problem.link for problem in report.problems} == {1, 2}


def test_what_is_older_than_the_chain_is_counted_and_not_more(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/r.db") as store:
        assert Auditor(store.engines[1]).verify().ok
        assert Auditor(store.engines[1]).head() is None
        with pytest.raises(NothingSigned):
            list(Auditor(store.engines[1]).export())


def test_an_export_of_a_time_in_which_nothing_was_said_is_refused(store: Store) -> None:
    with pytest.raises(NothingSigned):
        list(Auditor(store.engines[1]).export(since=AT + 1e6))


def test_a_head_that_was_kept_elsewhere_finds_a_record_that_was_cut_back(store: Store) -> None:
    auditor = Auditor(store.engines[1])
    head = auditor.head()
    assert head is not None
    assert auditor.verify(anchors=[head]).ok
    change(
        store,
        "DELETE FROM verdicts WHERE message >= 17",
        "DELETE FROM messages WHERE number >= 17",
        "DELETE FROM heads WHERE link > 20",
    )
    assert auditor.verify().ok, "a whole earlier state is valid in itself"
    assert not auditor.verify(anchors=[head]).ok


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/r.db") as store:
        auditor = Auditor(store.engines[1])
        change(store, "DROP TABLE heads")
        with pytest.raises(StoreUnavailable, match="heads"):
            auditor.head()


KINDS = {"TEXT": st.text(max_size=20), "BIGINT": st.integers(0, 2**62), "DOUBLE": st.floats(0, 1e12)}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_value_of_any_row_that_is_changed_is_found(kept: Path, tmp_path: Path, data: st.DataObject) -> None:
    copy = tmp_path / "changed.db"
    shutil.copy(kept, copy)
    table = data.draw(st.sampled_from(["messages", "verdicts", "approval_changes", "approvals", "heads"]))
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        rows = [row for (row,) in connection.execute(f"SELECT rowid FROM {table}")]
        _, column, kind, *_ = data.draw(st.sampled_from(columns))
        row = data.draw(st.sampled_from(rows))
        (old,) = connection.execute(f'SELECT "{column}" FROM {table} WHERE rowid = ?', (row,)).fetchone()
        values = KINDS.get(kind, st.booleans() if kind == "BOOLEAN" else st.binary(max_size=40))
        new = data.draw(values.filter(lambda value: value != old and "\0" not in str(value)))
        try:
            connection.execute(f'UPDATE {table} SET "{column}" = ? WHERE rowid = ?', (new, row))
        except sqlite3.IntegrityError:
            return
    with open_store(f"sqlite:///{copy}", migrate=False) as store:
        assert not Auditor(store.engines[1]).verify([KEY.public]).ok, (table, column, row, old, new)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("kept") / "r.db"
    with audited_store(f"sqlite:///{file}"):
        pass
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    return file
