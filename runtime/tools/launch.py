"""Run as a script: becomes a command that does not outlive its parent.

A script of its own because code between fork and exec may deadlock in a process that has threads.
"""

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h; it outlives exec


def become(parent: int, command: list[str]) -> None:
    """Replace this process by `command`, to be killed when `parent` dies; exits with 127 when it cannot be run."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(127)
    try:
        os.execvp(command[0], command)  # noqa: S606 — no shell on purpose
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
