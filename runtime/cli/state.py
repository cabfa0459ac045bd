"""What the team that runs here leaves on disk, so that other commands find it: `.lictor/run/`."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from lictor.protocols.nats.access import write_private
from lictor.runtime.cli.quit import Exit, Quit

FOLDER: Final = ".lictor"


@dataclass(frozen=True, slots=True)
class PartState:
    """One part of the team."""

    name: str
    kind: str
    state: str
    pid: int
    restarts: int
    reason: str
    since: float
    """Unix time in seconds of the last change of state."""


@dataclass(frozen=True, slots=True)
class TeamState:
    """The team as a whole."""

    pid: int
    file: str
    """The team's YAML."""
    started: float
    url: str
    """Of the bus."""
    store: str
    """URL of the record, without a password."""
    ready: bool
    entry: str
    """The first agent."""
    parts: tuple[PartState, ...] = field(default_factory=tuple)


def running(working: Path) -> "list[StateFolder]":
    """Return the folders of all teams that run here: the one of `lictor up`, and those of `lictor run`."""
    names = ["run", *sorted(folder.name for folder in (working / FOLDER).glob("run-*") if folder.is_dir())]
    return [found for name in names if (found := StateFolder(working, name)).held()]


def make_private(folder: Path) -> None:
    """Make the folder that everything of a team lies in, or take it back from others: it holds what agents said."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def audit_folder(working: Path) -> Path:
    """Return where the key that signs the record lies: one for a working folder, whatever team runs there."""
    return working / FOLDER / "audit"


def seal_file(working: Path) -> Path:
    """Return where the key lies under which redacted values are sealed."""
    return audit_folder(working) / "seal.key"


class StateFolder:
    """The folder of one working folder's team; at most one team holds it at a time.

    `name` is another one for a team of `lictor run`, which has a folder of its own while it runs.
    """

    def __init__(self, working: Path, name: str = "run") -> None:
        self.root = working / FOLDER
        self.folder = self.root / name
        self.credentials = self.folder / "op-cli.creds"
        self._file = self.folder / "state.json"
        self._lock: int | None = None

    def hold(self) -> None:
        """Take the folder for this process; raises Quit when another team runs here."""
        make_private(self.root)
        self.folder.mkdir(exist_ok=True, mode=0o700)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Quit(
                Exit.NO, "a team already runs in this folder", hint="lictor status shows it, lictor down stops it"
            ) from None
        self._lock = descriptor

    def held(self) -> bool:
        """Tell whether some process holds the folder."""
        try:
            descriptor = os.open(self.folder / "lock", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(descriptor)

    def leave(self) -> None:
        """Remove what the team left and let the folder go."""
        self._file.unlink(missing_ok=True)
        self.credentials.unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def write(self, state: TeamState) -> None:
        """Write the state, whole or not at all."""
        write_private(self._file, json.dumps(asdict(state)))

    def read(self) -> TeamState:
        """Return the state of the team that runs here; raises Quit when none does."""
        if not self.held():
            raise Quit(Exit.UNREACHABLE, "no team runs in this folder", hint="start one with: lictor up")
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            parts = tuple(PartState(**part) for part in found.pop("parts"))
            return TeamState(**found, parts=parts)
        except (OSError, ValueError, TypeError, KeyError):
            raise Quit(Exit.UNREACHABLE, "the team that runs here is only starting, or of another version") from None
