"""A part's own side: the process in which one role of Lictor runs, and its pipe to the supervisor."""

import asyncio
import ctypes
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Generic, TypeVar

import uvloop

Access = TypeVar("Access")

READY: Final = "ready"
FAILED: Final = "failed"
STOP: Final = "stop"
RENEW: Final = "renew"

_PR_SET_PDEATHSIG: Final = 1


class Life(Generic[Access]):
    """What the supervisor gives a part, and what the part tells the supervisor."""

    def __init__(self, access: Access, ready: Callable[[], None]) -> None:
        self._access = access
        self._ready = ready
        self.stopping = asyncio.Event()
        """Set when the part shall end."""

    def access(self) -> Access:
        """Return the newest credentials: they are renewed before they expire."""
        return self._access

    def renew(self, access: Access) -> None:
        """Take fresh credentials."""
        self._access = access

    def ready(self) -> None:
        """Tell the supervisor that the part does its work."""
        self._ready()


Part = Callable[[Life[Access]], Awaitable[None]]
"""Runs a role until `stopping` is set; what it raises ends the process as failed. Must be picklable."""


def run_part(part: Part[Access], access: Access, pipe: Connection, log: Path, name: str) -> None:
    """Run one part in this process and exit: the whole life of a child process."""
    _die_with_parent()
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _name_process(name)
    _log_to(log)
    try:
        uvloop.run(_live(part, access, pipe))
    except Exception as error:
        logging.getLogger(name).exception("the part failed")
        _tell(pipe, FAILED, _sentence(error))
        os._exit(1)
    os._exit(0)


async def _live(part: Part[Access], access: Access, pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    life = Life(access, lambda: _tell(pipe, READY, ""))
    running = asyncio.ensure_future(part(life))

    def hear() -> None:
        try:
            word, value = pipe.recv()
        except (EOFError, OSError):
            os._exit(1)
        if word == RENEW:
            life.renew(value)
        elif word == STOP:
            life.stopping.set()

    loop.add_reader(pipe.fileno(), hear)
    loop.add_signal_handler(signal.SIGTERM, life.stopping.set)
    try:
        await running
    finally:
        loop.remove_reader(pipe.fileno())


def _tell(pipe: Connection, word: str, value: str) -> None:
    # Plain text, because the supervisor must not unpickle what a part says.
    try:
        os.write(pipe.fileno(), f"{word} {value}\n".encode())
    except OSError:
        os._exit(1)


def _sentence(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text[:500] or type(error).__name__


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _name_process(name: str) -> None:
    if sys.platform == "linux":
        Path("/proc/self/comm").write_text(f"lictor {name}"[:15], encoding="ascii")


def _log_to(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        force=True,
    )
    for noisy in ("httpx", "httpcore", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
