"""Finding the record for a command that reads it, and what is in it."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.reading import read_plan
from lictor.runtime.definition.outline import hide
from lictor.runtime.store.audit.auditor import Auditor
from lictor.runtime.store.failures import NoRecord, StoreError, StoreUnavailable
from lictor.runtime.store.reader import Reader
from lictor.runtime.store.store import Store, open_store

DEFAULT: Final = "sqlite:///.lictor/lictor.db"
SHORT: Final = 16
"""Characters of an id that lists show: the time and four random digits, enough to name it."""

StoreOption = Annotated[
    str,
    typer.Option("--store", envvar="LICTOR_STORE", help="URL of the record, e.g. sqlite:///FILE.", show_default=False),
]
FileOption = Annotated[
    Path | None, typer.Option("--file", help="Team whose record is read; default: the record in .lictor/.")
]
OutputOption = Annotated[str, typer.Option("--output", "-o", help="table, json, jsonl or name")]


@contextmanager
def open_record(store: str, file: Path | None) -> Iterator[Reader]:
    """Open the record to be read: `store`, else the one that a team's file names, else the one in `.lictor`.

    Raises Quit when there is none or it cannot be read.
    """
    with _open(store, file) as opened:
        yield opened.reader


@contextmanager
def open_audit(store: str, file: Path | None) -> Iterator[Auditor]:
    """Open the record as `open_record` does, to audit it."""
    with _open(store, file) as opened:
        yield Auditor(opened.engines[1], opened.place)


@contextmanager
def _open(store: str, file: Path | None) -> Iterator[Store]:
    url = store or (read_plan(file).store if file is not None else DEFAULT)
    try:
        with open_store(url, migrate=False) as opened:
            yield opened
    except NoRecord as error:
        hint = "lictor run and lictor up make one; --store or --file name another"
        raise Quit(Exit.UNREACHABLE, f"there is no record at {_place(url)}", hint=hint) from error
    except StoreUnavailable as error:
        raise Quit(Exit.UNREACHABLE, str(error)) from error
    except StoreError as error:
        raise Quit(Exit.USAGE, str(error)) from error


def _place(url: str) -> str:
    return hide(url).removeprefix("sqlite:///")


def resolve(noun: str, beginning: str, find: Callable[[str], list[str]]) -> str:
    """Return the one id that begins so; raises Quit when there is none, or more than one."""
    found = find(beginning) if beginning else []
    if beginning in found or len(found) == 1:
        return beginning if beginning in found else found[0]
    if not found:
        raise Quit(Exit.NO, f"there is no {noun} {beginning!r} on record", hint=f"lictor {noun}s lists them")
    shown = ", ".join(found[:3])
    raise Quit(Exit.USAGE, f"more than one {noun} begins with {beginning!r}: {shown}", hint="give more of the id")


def stamp(moment: float) -> str:
    """Return a Unix time as RFC 3339 in UTC, with milliseconds."""
    told = datetime.datetime.fromtimestamp(moment, datetime.UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")


def clock(moment: float) -> str:
    """Return a Unix time as a person reads it in a list, in local time."""
    return datetime.datetime.fromtimestamp(moment).astimezone().strftime("%m-%d %H:%M:%S")
