"""A real PostgreSQL server for tests: its own folder, its own port, an unprivileged user, gone at the end."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

_LIBRARY = Path("/usr/lib/postgresql")
_START_S = 40


def find_binaries() -> Path | None:
    """Return the folder that holds `initdb` and `pg_ctl`; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = [folder for folder in _LIBRARY.glob("*/bin") if (folder / "initdb").exists()]
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


def unusable() -> str:
    """Return why no server can be started here; empty when one can."""
    if find_binaries() is None:
        return "PostgreSQL is not installed (scripts/test-services.sh installs it where that is possible)"
    if os.geteuid() == 0 and _unprivileged() is None:
        return "PostgreSQL does not run as root and there is no user postgres"
    return ""


def _unprivileged() -> pwd.struct_passwd | None:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class PostgresServer:
    """One cluster in a temporary folder; `url(name)` makes a fresh database in it."""

    def __init__(self) -> None:
        binaries = find_binaries()
        assert binaries is not None
        self._binaries = binaries
        self._user = _unprivileged() if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="lictor-pg-", dir="/tmp"))
        self._port = _free_port()
        self._made = 0

    def __enter__(self) -> Self:
        if self._user is not None:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        self._call("initdb", "-D", str(self._data), "-U", "lictor", "-A", "trust", "-E", "UTF8", "--no-sync", "-N")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        options = f"-p {self._port} -k {self._folder} -h 127.0.0.1 -c shared_buffers=16MB -c fsync=off"
        log = str(self._folder / "log")
        self._call("pg_ctl", "-D", str(self._data), "-l", log, "-o", options, "-w", "-t", str(_START_S), "start")

    def stop(self) -> None:
        """Stop the server at once, as a crash of its machine would; a second call does nothing."""
        self._call("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop", check=False)

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        self._made += 1
        name = f"t{os.getpid()}_{self._made}"
        server = f"postgresql://lictor@127.0.0.1:{self._port}"
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{server}/{name}"

    def _call(self, program: str, *arguments: str, check: bool = True) -> None:
        done = subprocess.run(
            [str(self._binaries / program), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self._folder,
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            timeout=_START_S + 10,
        )
        if check and done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()[-500:]}")
