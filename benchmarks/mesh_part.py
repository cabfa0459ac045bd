"""One process of `mesh.py`: reads its task as one line of JSON, says `ready`, and ends when its input does.

asker      sends requests, on command, and tells how long the answers took
answerer   answers at once what either path brings
enforcer   the real one, with the real bundle
recorder   the real one, on SQLite
"""

import asyncio
import json
import random
import sys
from array import array
from collections.abc import Sequence
from time import perf_counter_ns
from typing import Any

import uvloop
from mediation import body_of, two_agents

from lictor.protocols import headers as names
from lictor.protocols.envelope import Packet
from lictor.protocols.headers import read_headers, write_headers
from lictor.protocols.identifiers import new_id
from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.enforcer.enforcer import Enforcer
from lictor.runtime.recorder.recorder import Recorder
from lictor.runtime.store.store import open_store

DIRECT = "bench.direct"
MEDIATED = "lictor.out.caller.a2a.answerer"
_BODY = body_of(1024)
_TASKS = 2000
_LANES = 256
_FOR_DIRECT = new_id()
_NUMBER = 4
"""Characters by which a number is longer than its place."""
_WORDS = (
    *("invoice", "handbook", "passage", "router", "quarter", "meeting", "answer", "ticket", "vendor", "travel"),
    *("please", "review", "attached", "customer", "shipment", "schedule", "account", "between", "message", "policy"),
    *("reason", "summary", "storage", "network", "question", "database"),
)


def _trunk(task: dict[str, Any], name: str) -> NatsTrunk:
    access = BusAccess(**task["access"][name])
    return NatsTrunk(lambda: access)


def _headers(task: str = _FOR_DIRECT) -> bytes:
    return write_headers({names.MESSAGE: new_id(), names.TASK: task, names.CONTENT_TYPE: "application/json"})


def _answer(packets: Sequence[Packet]) -> Sequence[Packet]:
    """Answer with another text than the one that came, which is new when that one was."""
    return [
        Packet(packet.reply, packet.body.replace(b'"text":"', b'"text":"re: ', 1), _headers())
        for packet in packets
        if packet.reply
    ]


class Asker:
    """Keeps so many requests under way on one path, and notes how long each takes.

    Texts go round, so that within one task none comes twice; in `fresh` ones a number makes each new every time.
    """

    def __init__(
        self, trunk: NatsTrunk, subject: str, inbox: str, tasks: Sequence[str] = (_FOR_DIRECT,), *, fresh: bool = False
    ) -> None:
        self._trunk = trunk
        self._subject = subject
        self._inbox = inbox
        self._texts = _texts()
        self._tasks = tasks
        self._fresh = fresh
        self._sent: dict[str, int] = {}
        self._times = array("q")
        self._count = 0
        self._running = False
        self._idle = asyncio.Event()
        self.refused = ""

    async def open(self) -> None:
        """Connect."""
        await self._trunk.open()
        await self._trunk.subscribe(f"{self._inbox}.>", self._take)

    async def run(self, in_flight: int, seconds: float) -> dict[str, Any]:
        """Return the requests a second and the microseconds that half and 99 of 100 took at most."""
        self._times, self.refused = array("q"), ""
        self._running = True
        self._idle.clear()
        began = perf_counter_ns()
        self._trunk.publish([self._next() for _ in range(in_flight)])
        await asyncio.sleep(seconds)
        self._running = False
        ended, done = perf_counter_ns(), len(self._times)
        async with asyncio.timeout(10):
            await self._idle.wait()
        if self.refused:
            raise SystemExit(f"{self._subject} was refused: {self.refused}")
        times = sorted(self._times)
        return {
            "rps": done / ((ended - began) / 1e9),
            "p50_us": times[len(times) // 2] / 1000,
            "p99_us": times[len(times) * 99 // 100] / 1000,
            "answers": len(times),
        }

    def _next(self) -> Packet:
        self._count += 1
        reply = f"{self._inbox}.{self._count}"
        number = self._count if self._fresh else 0
        body = self._texts[self._count % len(self._texts)].replace(b"{number}", b"%012d" % number)
        packet = Packet(self._subject, body, _headers(self._tasks[self._count % len(self._tasks)]), reply)
        self._sent[reply] = perf_counter_ns()
        return packet

    def _take(self, packets: Sequence[Packet]) -> Sequence[Packet]:
        now = perf_counter_ns()
        out = []
        for packet in packets:
            self._times.append(now - self._sent.pop(packet.subject))
            if not packet.body:
                self.refused = str(read_headers(packet.headers, longest=65_536))
                self._running = False
            elif self._running:
                out.append(self._next())
        if not self._sent:
            self._idle.set()
        return out


def _texts() -> list[bytes]:
    """Return A2A messages of 1 KiB in which no two texts are alike; a number makes each of them new every time."""
    chance = random.Random(7)
    filler = b"x" * _BODY.count(b"x")
    texts = ["{number} " + " ".join(chance.choices(_WORDS, k=200)) for _ in range(1024)]
    return [_BODY.replace(filler, text[: len(filler) - _NUMBER].encode()) for text in texts]


async def _ask(task: dict[str, Any]) -> None:
    tasks = [new_id() for _ in range(_TASKS)]
    askers = {
        "direct": Asker(_trunk(task, "direct"), DIRECT, "_INBOX_direct"),
        "guarded_warm": Asker(_trunk(task, "caller"), MEDIATED, "_INBOX_caller.warm", tasks),
        "guarded_new": Asker(_trunk(task, "caller"), MEDIATED, "_INBOX_caller.new", tasks, fresh=True),
    }
    for asker in askers.values():
        await asker.open()
    await _join(_trunk(task, "op-bench"), _trunk(task, "caller"), tasks)
    _say("ready")
    while line := await asyncio.to_thread(sys.stdin.readline):
        cell = json.loads(line)
        _say(json.dumps(await askers[cell["path"]].run(cell["in_flight"], cell["seconds"])))


async def _join(operator: NatsTrunk, caller: NatsTrunk, tasks: Sequence[str]) -> None:
    """Have the operator start the tasks, so that the caller takes part in them."""
    joined = asyncio.Semaphore(0)

    def delivered(packets: Sequence[Packet]) -> Sequence[Packet]:
        for _ in packets:
            joined.release()
        return [Packet(packet.reply, _BODY, _headers()) for packet in packets if packet.reply]

    await operator.open()
    await caller.open()
    await caller.subscribe("lictor.in.caller.>", delivered)
    for start in range(0, len(tasks), _LANES):
        lane = tasks[start : start + _LANES]
        operator.publish(
            [Packet("lictor.out.op-bench.a2a.caller", _BODY, _headers(each), "_INBOX_op-bench.1") for each in lane]
        )
        async with asyncio.timeout(20):
            for _ in lane:
                await joined.acquire()


async def _serve(task: dict[str, Any]) -> None:
    direct, mediated = _trunk(task, "service"), _trunk(task, "answerer")
    for trunk, subject in ((direct, DIRECT), (mediated, "lictor.in.answerer.>")):
        await trunk.open()
        await trunk.subscribe(subject, _answer)
    await _stay()


async def _enforce(task: dict[str, Any]) -> None:
    await Enforcer(_trunk(task, "enforcer"), build_mediation(two_agents()), ()).open()
    await _stay()


async def _record(task: dict[str, Any]) -> None:
    with open_store(task["store"]) as store:
        trunk = _trunk(task, "recorder")
        await trunk.open()
        recorder = Recorder(trunk, store)
        await recorder.open()
        await _stay()
        await recorder.close()
        await trunk.close()


async def _stay() -> None:
    _say("ready")
    await asyncio.to_thread(sys.stdin.readline)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


PARTS = {"asker": _ask, "answerer": _serve, "enforcer": _enforce, "recorder": _record}

if __name__ == "__main__":
    uvloop.run(PARTS[sys.argv[1]](json.loads(sys.stdin.readline())))
