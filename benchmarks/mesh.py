"""What mediation costs on the bus: direct NATS request/reply against the mediated path, interleaved in one run.

Both ends use the same client with plain permissions in one account; mediated messages are judged in both directions
by the real enforcer with the real bundle, in a process of its own, and recorded by the real recorder in SQLite.
1 KiB; medians of the rounds' ratios. `warm` sends one text again and again, `new` never the same text twice.
`python benchmarks/mesh.py` prints what `lictor bench mesh -o json` does.
"""

import asyncio
import json
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.jwt import USER, create_seed, public_key, user_jwt
from lictor.protocols.nats.permissions import Permissions
from lictor.runtime.bus.server import BusServer

_PART = Path(__file__).with_name("mesh_part.py")
_PLAIN = {
    "direct": Permissions(publish=("bench.direct",), subscribe=("_INBOX_direct.>",)),
    "service": Permissions(publish=("_INBOX_direct.>",), subscribe=("bench.direct",)),
}
_NAMES = {
    "recorder": ("recorder",),
    "enforcer": ("enforcer",),
    "answerer": ("service", "answerer"),
    "asker": ("direct", "caller", "op-bench"),
}
_GUARDED = ("guarded_warm", "guarded_new")
_CELLS = tuple((path, in_flight) for in_flight in (1, 64) for path in ("direct", *_GUARDED))
_WARM_UP = 0.3


async def measure(seconds_per_cell: float, rounds: int) -> dict[str, Any]:
    """Return `{direct: {p50_us, rps}, guarded_warm: {p50_ratio, p99_ratio, rps_ratio, cpu_us, …}, guarded_new: {…}}`.

    Latencies are with 1 in flight, rates with 64; `cpu_us` is what the enforcer's process spends on one message in all
    cells, `cpu_us_64` in those with 64 in flight, `per_core` how many messages a second that makes on one core.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lictor-bench-")))
        server = BusServer(folder / "bus")
        await server.open()
        stack.push_async_callback(server.close)
        parts: dict[str, Process] = {}
        for part, principals in _NAMES.items():
            task = {
                "access": {name: asdict(_access(server, name)) for name in principals},
                "store": f"sqlite:///{folder / 'record.db'}",
            }
            parts[part] = await _start(part, task)
            stack.push_async_callback(_stop, parts[part])
        asker, enforcer = parts["asker"], parts["enforcer"]
        for path, in_flight in _CELLS:
            await _ask(asker, path, in_flight, _WARM_UP)
        cells: list[dict[tuple[str, int], dict[str, float]]] = []
        spent: dict[tuple[str, int], list[float]] = {cell: [0.0, 0.0] for cell in _CELLS}
        for _ in range(rounds):
            cell = {}
            for path, in_flight in _CELLS:
                before = _cpu_seconds(enforcer.pid)
                cell[path, in_flight] = answer = await _ask(asker, path, in_flight, seconds_per_cell)
                spent[path, in_flight][0] += _cpu_seconds(enforcer.pid) - before
                spent[path, in_flight][1] += 2 * answer["answers"]
            cells.append(cell)
    return _summary(cells, spent)


def _summary(
    cells: list[dict[tuple[str, int], dict[str, float]]], spent: dict[tuple[str, int], list[float]]
) -> dict[str, Any]:
    def ratio(path: str, field: str, in_flight: int) -> float:
        return round(median(c[path, in_flight][field] / c["direct", in_flight][field] for c in cells), 3)

    def cpu(path: str, *depths: int) -> float:
        return sum(spent[path, n][0] for n in depths) * 1e6 / sum(spent[path, n][1] for n in depths)

    direct = {
        "p50_us": round(median(c["direct", 1]["p50_us"] for c in cells), 1),
        "rps": round(median(c["direct", 64]["rps"] for c in cells)),
    }
    guarded = {
        path: {
            "p50_ratio": ratio(path, "p50_us", 1),
            "p99_ratio": ratio(path, "p99_us", 1),
            "rps_ratio": ratio(path, "rps", 64),
            "cpu_us": round(cpu(path, 1, 64), 1),
            "cpu_us_64": round(cpu(path, 64), 1),
            "per_core": round(1e6 / cpu(path, 64)),
        }
        for path in _GUARDED
    }
    return {"direct": direct, **guarded}


def _access(server: BusServer, principal: str) -> BusAccess:
    if principal not in _PLAIN:
        return server.mint().access(principal)
    seed = create_seed(USER)
    keys = server.keys
    jwt = user_jwt(keys.account, keys.account_id, public_key(seed), principal, _PLAIN[principal], now=time.time())
    return BusAccess(server.url, principal, jwt, seed)


async def _start(part: str, task: dict[str, Any]) -> Process:
    process = await asyncio.create_subprocess_exec(sys.executable, str(_PART), part, stdin=PIPE, stdout=PIPE)
    await _tell(process, json.dumps(task))
    if await _hear(process) != "ready":
        raise RuntimeError(f"the {part} did not start")
    return process


async def _stop(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(10):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _ask(asker: Process, path: str, in_flight: int, seconds: float) -> dict[str, float]:
    await _tell(asker, json.dumps({"path": path, "in_flight": in_flight, "seconds": seconds}))
    answer: dict[str, float] = json.loads(await _hear(asker))
    return answer


async def _tell(process: Process, line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())
    await process.stdin.drain()


async def _hear(process: Process) -> str:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("a part of the benchmark ended; what it said stands above")
    return line.decode().strip()


def _cpu_seconds(pid: int) -> float:
    """Return the processor time of all threads of a process, from Linux's scheduler."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(2.0, 3))))
