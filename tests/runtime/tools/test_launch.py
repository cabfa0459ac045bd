import os
import subprocess
import sys
from pathlib import Path

from lictor.runtime.tools import launch

SCRIPT = str(Path(launch.__file__))


def run(parent: int, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", SCRIPT, str(parent), *command], capture_output=True, text=True, check=False
    )


def test_it_becomes_the_command_with_its_arguments() -> None:
    done = run(os.getpid(), "sh", "-c", 'echo "$0 and $1"; exit 4', "one", "two words")
    assert (done.stdout, done.returncode) == ("one and two words\n", 4)


def test_it_does_not_start_when_its_parent_is_gone_already() -> None:
    done = run(1, "echo", "started")
    assert (done.stdout, done.returncode) == ("", 127)


def test_a_command_that_cannot_be_run_is_told() -> None:
    done = run(os.getpid(), "/etc/hostname")
    assert done.stderr.startswith("/etc/hostname: ")
    assert done.returncode == 1
