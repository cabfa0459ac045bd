"""A real OPA as a child process, and whether there is one here at all."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from lictor.runtime.cli.opa import find_opa

_START_S: Final = 20.0
MISSING: Final = "opa is not installed: `make opa` builds it where Go is present"


def require_opa() -> str:
    """Return the path of opa; without one skip, visibly, and in CI fail."""
    found = find_opa()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{MISSING}; in CI it must be there")
        pytest.skip(MISSING)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serve_opa(
    *options: str, port: int | None = None, scheme: str = "http", files: tuple[Path, ...] = ()
) -> Iterator[str]:
    """Run `opa run --server` until the block ends; yields its address."""
    port = port or free_port()
    command = [require_opa(), "run", "--server", "--addr", f"127.0.0.1:{port}", "--log-level", "error"]
    command += ["--skip-version-check", *options, *map(str, files)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(child, port)
        yield f"{scheme}://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(_START_S)


def _wait(child: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        assert child.poll() is None, "opa ended at once"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.01)
    raise AssertionError("opa did not begin to listen")
