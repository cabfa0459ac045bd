"""Opening the record."""

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError

from lictor.runtime.store import migration
from lictor.runtime.store.audit.head import AuditKey, Head
from lictor.runtime.store.audit.keeping import HeadKeeper
from lictor.runtime.store.audit.key import load_key
from lictor.runtime.store.engines import file_of, make_reading, make_writing, place_of, read_url, show_url
from lictor.runtime.store.failures import NoRecord, NotARecord, StoreError, StoreUnavailable
from lictor.runtime.store.reader import Reader
from lictor.runtime.store.writer import Writer


class Store:
    """An open record: a writer and a reader on engines of their own."""

    def __init__(self, url: URL, key: AuditKey | None = None, folder: Path | None = None) -> None:
        self._writing = make_writing(url)
        self._reading = make_reading(url)
        self.place = place_of(url)
        self._keeper = HeadKeeper(folder, self.place) if folder is not None else None
        key = load_key(folder) if folder is not None else key
        on_head = self._keeper.keep if self._keeper is not None else _forget
        self.writer = Writer(self._writing, key=key, on_head=on_head)
        self.reader = Reader(self._reading)
        self.shown = show_url(url)
        """The URL without its password."""

    @property
    def engines(self) -> tuple[Engine, Engine]:
        """The writing and the reading engine."""
        return self._writing, self._reading

    def close(self) -> None:
        """Close every connection; a second call does nothing."""
        if self._keeper is not None:
            self._keeper.close()
        self._writing.dispose()
        self._reading.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _forget(_head: Head) -> None:
    """Keep no head beside the record."""


def open_store(url: str, *, migrate: bool = True, key: AuditKey | None = None, audit: Path | None = None) -> Store:
    """Open the record at a SQLAlchemy URL; with `migrate` it is made, or brought up to date, first.

    `key` signs the audit chain of what is written; `audit` is a folder with such a key, made when it is not there, in
    which the latest head is kept. Without `migrate`, nothing is ever created. Raises StoreError:
    NoRecord, NotARecord, NewerRecord, OlderRecord, StoreUnavailable, each with the URL (never its password) and what
    to do.
    """
    parsed = read_url(url)
    shown = show_url(parsed)
    store: Store | None = None
    try:
        _require_file(file_of(parsed), create=migrate)
        store = Store(parsed, key, audit)
        _prepare(store, migrate=migrate)
    except StoreError as error:
        _close(store)
        raise type(error)(f"the record {shown}: {error}") from error.__cause__
    except DBAPIError as error:
        _close(store)
        raise _failure(shown, error) from error
    return store


def _require_file(file: Path | None, *, create: bool) -> None:
    if file is None:
        return
    if file.is_dir():
        raise NotARecord("it is a folder: name a file in it")
    if create:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"its folder cannot be made: {error.strerror}") from None
        # What agents said is for the owner alone; SQLite gives its other files the mode of this one.
        with contextlib.suppress(OSError):
            os.close(os.open(file, os.O_RDONLY | os.O_CREAT, 0o600))
    elif not file.exists():
        raise NoRecord("there is none: `lictor run` or `lictor up` makes it, or say where it is with --store")


def _prepare(store: Store, *, migrate: bool) -> None:
    writing, reading = store.engines
    if migrate:
        migration.migrate(writing)
        return
    with reading.connect() as connection:
        migration.require_current(connection)


def _close(store: Store | None) -> None:
    if store is not None:
        store.close()


def _failure(shown: str, error: DBAPIError) -> StoreError:
    told = " ".join(str(error.orig or error).split())[:300]
    if "not a database" in told or "malformed" in told:
        return NotARecord(f"the record {shown}: it is no SQLite database, or a damaged one ({told}): move it away")
    return StoreUnavailable(f"the record {shown}: the database cannot be used: {told}")
