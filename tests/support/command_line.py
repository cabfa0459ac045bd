"""The `lictor` command as a person runs it: a process in a folder."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 90.0


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LICTOR_", "COV_"))}
    return {**kept, "NO_COLOR": "1", **more}


def lictor(folder: Path, *words: str, stdin: str | None = None, **more: str) -> Done:
    """Run one command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "lictor", *words],
        cwd=folder,
        env=environment(**more),
        input=stdin if stdin is not None else "",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@contextmanager
def start(folder: Path, *words: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """Start a command and let it run; it is killed at the end, if it still runs."""
    running = subprocess.Popen(
        [sys.executable, "-m", "lictor", *words],
        cwd=folder,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def processes_in(folder: Path) -> list[int]:
    """Return the processes whose working folder is the given one."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if (entry / "cwd").readlink() == folder.resolve():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
