from pathlib import Path

from lictor.runtime.store import tables
from lictor.runtime.store.statements import insert, place, replace
from lictor.runtime.store.store import open_store


def test_rows_are_inserted_and_put_in_the_place_of_others(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/r.db") as store, store.engines[0].begin() as connection:
        insert(connection, tables.marks, [])
        replace(connection, tables.marks, [])
        rows = [(owner, "l", "{}", "", 1.0, "i", 1) for owner in "abd"]
        insert(connection, tables.marks, rows)
        newer = [(owner, "m", "{}", "", 2.0, "i", 2) for owner in "bc"]
        replace(connection, tables.marks, newer)
        replace(
            connection, tables.marks, [("d", "m", "{}", "", 2.0, "i", 0)], newer="excluded.sequence > marks.sequence"
        )
        found = connection.exec_driver_sql(f"SELECT * FROM marks WHERE owner <> {place(connection)} ORDER BY 1", ("a",))
        assert [tuple(row)[:2] for row in found] == [("b", "m"), ("c", "m"), ("d", "l")]
