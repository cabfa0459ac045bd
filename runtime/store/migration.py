"""Migration: bringing a record's tables to what this code expects, or refusing to."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from lictor.runtime.store.failures import NewerRecord, NoRecord, NotARecord, OlderRecord
from lictor.runtime.store.tables import metadata

_FOLDER: Final = Path(__file__).parent / "migrations"
_VERSIONS: Final = "lictor_revision"
_LOCK: Final = 0x6C6963746F72  # "lictor": any number that no other program is likely to lock


def newest() -> str:
    """Return the revision that this code works with."""
    return ScriptDirectory(str(_FOLDER)).get_current_head() or ""


def current(connection: Connection) -> str:
    """Return the record's revision; empty for a database without tables. Raises NotARecord for a foreign one."""
    names = set(inspect(connection).get_table_names())
    if _VERSIONS in names:
        return connection.scalar(text(f"SELECT version_num FROM {_VERSIONS}")) or ""  # noqa: S608 -- a constant
    taken = sorted(names & set(metadata.tables))
    if taken:
        raise NotARecord(
            f"it already holds a table {taken[0]!r} that is not Lictor's: give the record a database of its own"
        )
    return ""


def require_current(connection: Connection) -> None:
    """Raise unless the record has the newest revision: NoRecord, NewerRecord, OlderRecord, NotARecord."""
    found = _known(current(connection))
    if not found:
        raise NoRecord("it holds no tables yet: start a team once, which makes them")
    if found != newest():
        raise OlderRecord("it was written by an older Lictor: start the team once, which brings it up to date")


def migrate(engine: Engine, to: str = "head") -> None:
    """Bring the record to a revision, in one transaction; of several processes that try, one does it.

    Raises NewerRecord and NotARecord.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        target = newest() if to == "head" else to
        if _known(current(connection)) == target:
            return
        config = Config()
        config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
        config.attributes["connection"] = connection
        config.attributes["version_table"] = _VERSIONS
        command.upgrade(config, target)
        connection.commit()


def _known(revision: str) -> str:
    scripts = ScriptDirectory(str(_FOLDER))
    known = {script.revision for script in scripts.walk_revisions()}
    if revision and revision not in known:
        raise NewerRecord(
            f"it was written by a newer Lictor (revision {revision}, this one knows up to {newest()}): upgrade Lictor"
        )
    return revision
