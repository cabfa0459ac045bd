"""Statements over whole rows, past the compiler: it would cost as much as SQLite does."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlalchemy import Connection, Dialect, Table

from lictor.runtime.store.rows import Row


def insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows in the order of the table's columns."""
    if rows:
        connection.exec_driver_sql(_inserting(connection.dialect, table), rows)


def replace(connection: Connection, table: Table, rows: Iterable[Row], *, newer: str = "") -> None:
    """Insert rows, or put them in the place of those with the same primary key, of one column.

    `newer` is a condition on `excluded` and the table, without which the row that is there stays.
    """
    given = list(rows)
    if given:
        condition = f" WHERE {newer}" if newer else ""
        connection.exec_driver_sql(_replacing(connection.dialect, table) + condition, given)


def place(connection: Connection) -> str:
    """Return what stands for a parameter in the driver's SQL."""
    return _place(connection.dialect)


@lru_cache(maxsize=64)
def _inserting(dialect: Dialect, table: Table) -> str:
    columns = ", ".join(dialect.identifier_preparer.format_column(column) for column in table.columns)
    places = ", ".join([_place(dialect)] * len(table.columns))
    return f"INSERT INTO {table.name} ({columns}) VALUES ({places})"  # noqa: S608 -- names are the code's own


@lru_cache(maxsize=64)
def _replacing(dialect: Dialect, table: Table) -> str:
    write = dialect.identifier_preparer.format_column
    key = next(iter(table.primary_key.columns))
    changes = ", ".join(f"{write(each)} = excluded.{write(each)}" for each in table.columns if each is not key)
    return f"{_inserting(dialect, table)} ON CONFLICT ({write(key)}) DO UPDATE SET {changes}"


def _place(dialect: Dialect) -> str:
    return "%s" if dialect.name == "postgresql" else "?"
