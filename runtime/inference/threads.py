"""How many threads llama.cpp may use. OpenMP's busy waiting is ruinous when cores are shared: fewer is safer."""

import os
from pathlib import Path
from typing import Final

MOST_THREADS: Final = 8
"""Decoding is bound by memory: more threads than this gain little on any desktop or server processor."""


def choose_threads(physical: int, load: float) -> int:
    """Return a safe number of threads for so many physical cores, `load` of which are busy already.

    One on two cores or fewer; otherwise a core is left to everyone else, and every busy core too.
    """
    if physical <= 2:
        return 1
    return max(1, min(physical - 1, int(physical - load), MOST_THREADS))


def default_threads() -> int:
    """Return the number of threads for this machine, now."""
    try:
        load = os.getloadavg()[0]
    except OSError:
        load = 0.0
    return choose_threads(physical_cores(), load)


def physical_cores() -> int:
    """Return the physical cores that this process may use: its affinity and its container's quota count."""
    allowed = os.sched_getaffinity(0)
    cores = len({_siblings(number) for number in allowed}) or 1
    quota = _quota(Path("/sys/fs/cgroup/cpu.max"))
    return max(1, min(cores, int(quota))) if quota else cores


def calm_openmp() -> None:
    """Make OpenMP's threads sleep when they wait. Has an effect only before llama.cpp is loaded."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def _siblings(number: int) -> str:
    try:
        return Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list").read_text(encoding="ascii")
    except OSError:
        return str(number)


def _quota(file: Path) -> float:
    try:
        most, period = file.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0.0
    return 0.0 if most == "max" else int(most) / int(period)
