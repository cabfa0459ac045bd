"""Parts with one habit each, run in real processes by the tests of the supervisor."""

import asyncio
import gc
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from lictor.runtime.supervisor.part import Life


@dataclass(frozen=True, slots=True)
class SampleAccess:
    """Stands where a part's credentials are: where to tell something, and a word to tell."""

    ear: str
    word: str = ""


class Ear:
    """Hears what parts tell, as datagrams on a socket of its own."""

    def __init__(self, path: str, mouth: socket.socket) -> None:
        self.path = path
        self._socket = mouth

    async def hear(self) -> str:
        """Return the next thing that a part tells."""
        async with asyncio.timeout(20):
            return (await asyncio.get_running_loop().sock_recv(self._socket, 4096)).decode()


@contextmanager
def listen() -> Iterator[Ear]:
    """Yield an ear; its path is short, because socket paths must be."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        path = str(Path(folder) / "ear")
        heard.bind(path)
        heard.setblocking(False)
        yield Ear(path, heard)


async def serve(life: Life[SampleAccess]) -> None:
    """Work until told to stop, then tell the word of the newest access."""
    life.ready()
    await life.stopping.wait()
    _tell(life, f"stopped {life.access().word}".rstrip())


async def introduce(life: Life[SampleAccess]) -> None:
    """Tell the process id before saying ready, then work."""
    _tell(life, str(os.getpid()))
    life.ready()
    await life.stopping.wait()


async def dawdle(life: Life[SampleAccess]) -> None:
    """Never get ready."""
    _tell(life, str(os.getpid()))
    await asyncio.Event().wait()


async def cling(life: Life[SampleAccess]) -> None:
    """Work, and do not stop when told to."""
    life.ready()
    await asyncio.Event().wait()


async def fail(life: Life[SampleAccess]) -> None:
    """Fail before being ready."""
    raise RuntimeError("the disk\n is full")


async def fail_later(life: Life[SampleAccess]) -> None:
    """Fail after having been ready."""
    life.ready()
    raise RuntimeError("the disk is full")


async def finish(life: Life[SampleAccess]) -> None:
    """End well, without having been asked to."""
    life.ready()


async def finish_early(life: Life[SampleAccess]) -> None:
    """End well before being ready."""


async def exit_at_once(life: Life[SampleAccess]) -> None:
    """End with an exit code and no word, as a crash in C does."""
    life.ready()
    os._exit(7)


async def keep_company(life: Life[SampleAccess]) -> None:
    """Start another process, tell its id and work; what a crash leaves behind."""
    other = subprocess.Popen(  # noqa: ASYNC220 -- what is tested is a process that asyncio knows nothing of
        [sys.executable, "-c", "import signal; signal.pause()"]
    )
    _tell(life, str(other.pid))
    life.ready()
    await life.stopping.wait()
    other.wait()


async def break_out(life: Life[SampleAccess]) -> None:
    """Send over the supervisor's pipe what would run a command if it were unpickled, half a message, and a failure."""
    (pipe,) = [found for found in gc.get_objects() if isinstance(found, Connection)]
    pipe.send(_Bomb(life.access().word))
    os.write(pipe.fileno(), b"\x00\x10\x00\x00half a message")
    life.ready()
    os.write(pipe.fileno(), b"x" * 100_000 + b"\nfailed \x1b[31mowned\n")
    os._exit(1)


class _Bomb:
    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self._path,)


async def chatter(life: Life[SampleAccess]) -> None:
    """Print, and tell how SIGINT is taken and who leads the process group."""
    sys.stdout.write("this goes to the log\n")
    sys.stdout.flush()
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    leads = os.getpgid(0) == os.getpid()
    _tell(life, f"{ignored} {leads} {_process_name()} {sys.stdin.read()!r}")
    life.ready()
    await life.stopping.wait()


def _process_name() -> str:
    if sys.platform != "linux":
        return "lictor chatter"
    return Path("/proc/self/comm").read_text(encoding="ascii").strip()


def _tell(life: Life[SampleAccess], text: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mouth:
        mouth.sendto(text.encode(), life.access().ear)
