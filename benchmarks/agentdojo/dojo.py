"""AgentDojo from our side: worker processes in its own environment, asked one JSON line at a time."""

import asyncio
import itertools
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from stage import Output

_WORKER = Path(__file__).with_name("worker.py")
_LONGEST = 64 * 1024 * 1024


class Dojo:
    """Some workers; each episode stays with the one that began it."""

    def __init__(self, workers: Sequence[Process]) -> None:
        self._workers = [(worker, asyncio.Lock()) for worker in workers]
        self._next = itertools.cycle(range(len(workers)))
        self._home: dict[str, int] = {}

    async def list(self, suites: Sequence[str]) -> dict[str, Any]:
        """Return the tasks with their prompts, the injection tasks and the tools of some suites."""
        return await self._ask(0, {"do": "list", "suites": list(suites)})

    async def begin(self, episode: str, suite: str, user_task: str, injection: str, attack: str) -> dict[str, Any]:
        """Begin an episode; return whether its attack works undefended, and the first call."""
        self._home[episode] = next(self._next)
        asked = {"suite": suite, "user_task": user_task, "injection_task": injection, "attack": attack}
        return await self._ask(self._home[episode], {"do": "begin", "id": episode, **asked})

    async def run(self, episode: str, _server: str, _tool: str, arguments: Mapping[str, Any]) -> Output:
        """Execute the call that is due, as a tool server does."""
        asked = {"do": "run", "id": episode, "arguments": dict(arguments)}
        done = await self._ask(self._home[episode], asked)
        if done["error"]:
            return Output(done["error"], is_error=True)
        return Output(done["text"], done["structured"])

    async def next(self, episode: str, text: str) -> dict[str, Any] | None:
        """Return what the agent calls next, having been told `text`; None at the end."""
        answer = await self._ask(self._home[episode], {"do": "next", "id": episode, "text": text})
        call: dict[str, Any] | None = answer["call"]
        return call

    async def end(self, episode: str) -> dict[str, Any]:
        """Return AgentDojo's verdicts on utility and security."""
        return await self._ask(self._home.pop(episode), {"do": "end", "id": episode})

    async def _ask(self, number: int, asked: dict[str, Any]) -> dict[str, Any]:
        worker, lock = self._workers[number]
        assert worker.stdin is not None
        assert worker.stdout is not None
        async with lock:
            worker.stdin.write(json.dumps(asked).encode() + b"\n")
            await worker.stdin.drain()
            line = await worker.stdout.readline()
        if not line:
            raise RuntimeError("a worker of AgentDojo ended; its error stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def open_dojo(python: Path, workers: int) -> AsyncIterator[Dojo]:
    """Start the workers with AgentDojo's interpreter."""
    processes = [
        await asyncio.create_subprocess_exec(str(python), str(_WORKER), stdin=PIPE, stdout=PIPE, limit=_LONGEST)
        for _ in range(workers)
    ]
    try:
        yield Dojo(processes)
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()
