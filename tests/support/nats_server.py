"""A NATS server that is somebody else's: in operator mode, with an account whose signing key the team is given."""

import base64
import contextlib
import json
import os
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from lictor.protocols.nats.access import write_blocks
from lictor.protocols.nats.jwt import ACCOUNT, OPERATOR, account_jwt, create_seed, operator_jwt, public_key, sign
from lictor.runtime.bus.mint import ACCOUNT_BLOCK, SEED_BLOCK
from lictor.runtime.bus.server import find_binary

_START_S: Final = 20.0


class NatsServer:
    """One server in a folder; `credentials` is the file that its owner would hand to a team."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._operator = create_seed(OPERATOR)
        self._system = create_seed(ACCOUNT)
        self._account = create_seed(ACCOUNT)
        self._signer = create_seed(ACCOUNT)
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.credentials = folder / "account.creds"
        self.jwt = self._account_jwt()
        write_blocks(self.credentials, {ACCOUNT_BLOCK: self.jwt, SEED_BLOCK: self._signer})

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def foreign_credentials(self) -> Path:
        """Write the file of an account that this server does not know, and return its path."""
        account, path = create_seed(ACCOUNT), self._folder / "foreign.creds"
        jwt = account_jwt(create_seed(OPERATOR), public_key(account), "other", now=time.time(), jetstream=False)
        write_blocks(path, {ACCOUNT_BLOCK: jwt, SEED_BLOCK: account})
        return path

    def stray_credentials(self) -> Path:
        """Write a file whose seed is none of the account's, and return its path."""
        path = self._folder / "stray.creds"
        write_blocks(path, {ACCOUNT_BLOCK: self.jwt, SEED_BLOCK: create_seed(ACCOUNT)})
        return path

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        now = time.time()
        system = public_key(self._system)
        resolved = {
            public_key(self._account): self.jwt,
            system: account_jwt(self._operator, system, "system", now=now, jetstream=False),
        }
        config = {
            "host": "127.0.0.1",
            "port": self.port,
            "operator": operator_jwt(self._operator, system_account=system, now=now),
            "system_account": system,
            "resolver": "MEMORY",
            "resolver_preload": resolved,
        }
        path = self._folder / "server.conf"
        path.write_text(json.dumps(config))
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen([find_binary(), "-c", path], stdout=log, stderr=log)
        end = time.monotonic() + _START_S
        while not self._listens():
            assert time.monotonic() < end, (self._folder / "server.log").read_text()
            assert self._process.poll() is None, (self._folder / "server.log").read_text()
            time.sleep(0.01)

    def stop(self) -> None:
        """Kill the server; a second call does nothing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def _account_jwt(self) -> str:
        """Return the account's JWT with a signing key, as `nsc` writes it."""
        account = public_key(self._account)
        plain = account_jwt(self._operator, account, "ours", now=time.time(), jetstream=False)
        head, body, _ = plain.split(".")
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        claims["nats"]["signing_keys"] = [public_key(self._signer)]
        claims["jti"] = base64.b32encode(os.urandom(32)).decode().rstrip("=")
        signed = f"{head}.{_base64(json.dumps(claims).encode())}"
        return f"{signed}.{_base64(sign(self._operator, signed.encode()))}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
