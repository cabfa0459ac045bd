"""Engines: how a record's database is connected to, for writing and for reading."""

import time
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from lictor.runtime.store.failures import StoreError

_BUSY_MS: Final = 5000
_CONNECT_S: Final = 10
_PAUSE: Final = 0.01


def read_url(text: str) -> URL:
    """Read a store URL: `sqlite:///file`, or `postgresql://…`; raises StoreError on anything else."""
    shown = text.rpartition("@")[2]
    try:
        url = make_url(text)
    except ArgumentError:
        raise StoreError(f"{shown!r} is no store URL: use sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    name = url.drivername
    if name in {"postgres", "postgresql", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg")
    if name in {"sqlite", "sqlite+pysqlite"}:
        if not url.database or url.database == ":memory:":
            raise StoreError("the record must be a file, since several processes use it: use sqlite:///FILE")
        return url.set(drivername="sqlite+pysqlite")
    raise StoreError(f"{shown!r}: a record is kept in sqlite or postgresql, not in {name}")


def show_url(url: URL) -> str:
    """Return a store URL as a person wrote it, without its passwords."""
    query = {name: "***" if "pass" in name.lower() else value for name, value in url.query.items()}
    return url.set(drivername=url.get_backend_name(), query=query).render_as_string(hide_password=True)


def file_of(url: URL) -> Path | None:
    """Return the database file of a SQLite URL; None for a server."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def place_of(url: URL) -> str:
    """Return what tells one record from another, however its URL is written; without user and password."""
    file = file_of(url)
    if file is not None:
        return str(file.resolve())
    return f"{url.get_backend_name()}://{url.host or ''}:{url.port or ''}/{url.database or ''}"


def make_writing(url: URL) -> Engine:
    """Return the engine for writing: each transaction takes SQLite's write lock at its start.

    A commit is on disk when it returns (`synchronous=FULL`): an acknowledged batch survives a power cut.
    """
    if file_of(url) is None:
        return _make_server(url)
    return _make_sqlite(url, "BEGIN IMMEDIATE", f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "synchronous=FULL")


def make_reading(url: URL) -> Engine:
    """Return the engine for reading: it never waits for a writer, never writes, and never creates a file."""
    file = file_of(url)
    if file is None:
        return _make_server(url, read_only=True)
    existing = url.set(database=f"file:{_quoted(file.resolve())}", query={"mode": "rw", "uri": "true"})
    return _make_sqlite(existing, "BEGIN", f"busy_timeout={_BUSY_MS}", "query_only=ON")


def _quoted(file: Path) -> str:
    return file.as_uri().removeprefix("file://")


def _make_server(url: URL, *, read_only: bool = False) -> Engine:
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "execution_options": {"postgresql_readonly": True}}
    try:
        return create_engine(
            url,
            pool_pre_ping=True,
            connect_args={"connect_timeout": _CONNECT_S},
            **(options if read_only else {}),
        )
    except (ImportError, NoSuchModuleError) as error:
        raise StoreError(f"the driver of {show_url(url)} is not installed: {error}") from None


def _make_sqlite(url: URL, begin: str, *pragmas: str) -> Engine:
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def on_connect(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin transactions of its own
        for pragma in pragmas:
            _set(connection, pragma)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _set(connection: SqliteConnection, pragma: str) -> None:
    # SQLite does not wait for a lock by itself when it goes over to WAL (sqlite.org/wal.html, 8).
    until = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            connection.execute(f"PRAGMA {pragma}").close()
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(_PAUSE)
        else:
            return
