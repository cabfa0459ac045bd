"""A real team on a real bus whose agents belong to the attacker: what both benchmarks of this folder run on.

The broker, the recorder, the enforcer and the agents are processes of their own; the user (`op-bench`, who also owns
the tasks and decides approvals) and the tool servers are connections of this process, each with its own credentials.
"""

import asyncio
import json
import shutil
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from lictor.protocols.a2a.writing import send_message
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.identifiers import new_id
from lictor.protocols.mcp.client import calling, listing
from lictor.protocols.mcp.reading import read_answer, read_request
from lictor.protocols.mesh import Delivery, Thread
from lictor.protocols.nats.mesh import NatsMesh
from lictor.protocols.subjects import Kind
from lictor.runtime.bus.server import BusServer
from lictor.runtime.definition.load import require_plan

USER = "op-bench"
_PART = Path(__file__).with_name("stage_part.py")
_LONGEST = 64 * 1024 * 1024
_PATIENCE = 60.0


class OperationFailed(Exception):
    """Raised when the enforcer did not do what the user asked it to."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a tool gave back."""

    text: str
    structured: Any = None
    is_error: bool = False


ToolSource = Callable[[str, str, str, Mapping[str, Any]], Awaitable[Output]]
"""Called with task, server, tool and arguments, of a call that was let through."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one message of an agent."""

    passed: bool
    text: str = ""
    """What came back: of a call the tool's output."""
    code: str = ""
    reason: str = ""
    asked: int = 0
    """How many times a person was asked about it."""
    identifier: str = ""
    labels: str = ""


Approver = Callable[[str, str], Awaitable[bool]]
"""Says yes or no to one held message, of which it learns the approval's id and the action's digest."""

Decide = Callable[[str, str], Awaitable[None]]
"""Decides what waits, by the id of its approval and the digest of the action."""


@dataclass
class Stage:
    """A team that runs; `open_stage` makes one."""

    user: NatsMesh
    agents: Process
    folder: Path
    _waiting: dict[int, tuple[asyncio.Future[dict[str, Any]], Decide]] = field(default_factory=dict)
    _count: int = 0
    _jobs: set[asyncio.Task[None]] = field(default_factory=set)

    async def begin(self, prompt: str, contract: Mapping[str, Any] | None = None, agent: str = "agent") -> str:
        """Have the user start a task: first what the agent may do in it, then the prompt; return the task's id."""
        task = new_id()
        if contract is not None:
            await self.operate("contract.declare", task, agent=agent, contract=contract)
        await self.user.request(Kind.A2A, agent, send_message(prompt), timeout=_PATIENCE, thread=Thread(task=task))
        return task

    async def operate(self, operation: str, task: str = "", **arguments: object) -> Mapping[str, Any]:
        """Have the user call an operation of the enforcer; raises OperationFailed."""
        answer = await self.user.request(
            Kind.MCP,
            "enforcer",
            calling(operation, arguments),
            timeout=_PATIENCE,
            thread=Thread(task=task or new_id()),
        )
        result = read_answer(answer.body)
        if result.is_error:
            raise OperationFailed(f"{operation}: {result.text}")
        return result.structured

    async def call(
        self,
        task: str,
        server: str,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        approver: Approver,
        agent: str = "agent",
        **more: str,
    ) -> Told:
        """Have an agent call a tool; `more` may give the `identifier` of the message, or the `raw` body."""
        said = {"kind": "mcp", "target": server, "tool": tool, "arguments": arguments, **more}
        return await self._send(agent, task, said, approver)

    async def message(self, task: str, agent: str, target: str, text: str, *, reply: str, approver: Approver) -> Told:
        """Have an agent send another a text, which answers with `reply`."""
        await self._command({"do": "prepare", "agent": target, "task": task, "text": reply}, _ignore)
        return await self._send(agent, task, {"kind": "a2a", "target": target, "text": text}, approver)

    async def ask_model(self, task: str, agent: str, model: str, text: str, *, approver: Approver) -> Told:
        """Have an agent ask a model."""
        body = {"model": model, "messages": [{"role": "user", "content": text}]}
        return await self._send(agent, task, {"kind": "model", "target": model, "body": body}, approver)

    async def list_tools(self, agent: str, server: str) -> None:
        """Have an agent ask a server for its tools, as agents do when they start: the enforcer learns from it."""
        command = {"do": "send", "agent": agent, "task": "", "kind": "mcp", "target": server, "raw": listing().decode()}
        told = await self._command(command, _ignore)
        if told["told"] != "answered":
            raise RuntimeError(f"{agent} may not list the tools of {server}: {told['reason']}")

    async def _send(self, agent: str, task: str, said: dict[str, Any], approver: Approver) -> Told:
        asked: list[str] = []

        async def decide(approval: str, digest: str) -> None:
            asked.append(approval)
            approves = await approver(approval, digest)
            try:
                if approves:
                    await self.operate("approvals.approve", id=approval, digest=digest)
                else:
                    await self.operate("approvals.deny", id=approval)
            except OperationFailed as error:
                if "approval.decided" not in str(error):  # two of the same action wait for one decision
                    raise

        told = await self._command({"do": "send", "agent": agent, "task": task, **said}, decide)
        if told["told"] != "answered":
            return Told(passed=False, code=told["code"], reason=told["reason"], asked=len(asked), identifier=told["id"])
        if said["kind"] != "mcp":
            return Told(passed=True, text=told["body"], asked=len(asked), identifier=told["id"], labels=told["labels"])
        result = read_answer(told["body"].encode())
        return Told(passed=True, text=result.text, asked=len(asked), identifier=told["id"], labels=told["labels"])

    async def _command(self, command: dict[str, Any], held: Decide) -> dict[str, Any]:
        self._count += 1
        number = self._count
        outcome: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = outcome, held
        assert self.agents.stdin is not None
        self.agents.stdin.write(json.dumps({"n": number, **command}).encode() + b"\n")
        await self.agents.stdin.drain()
        try:
            async with asyncio.timeout(_PATIENCE * 2):
                return await outcome
        finally:
            self._waiting.pop(number, None)

    async def listen(self) -> None:
        """Take what the agents' process says, until it ends."""
        assert self.agents.stdout is not None
        while line := await self.agents.stdout.readline():
            said = json.loads(line)
            waiting = self._waiting.get(said["n"])
            if waiting is None:
                continue
            outcome, held = waiting
            if "held" in said:
                job = asyncio.create_task(_decide(held, said["held"], said["digest"], outcome))
                self._jobs.add(job)
                job.add_done_callback(self._jobs.discard)
            elif not outcome.done():
                outcome.set_result(said)
        for outcome, _ in self._waiting.values():
            if not outcome.done():
                outcome.set_exception(RuntimeError("the agents' process ended"))


async def _decide(held: Decide, approval: str, digest: str, outcome: asyncio.Future[dict[str, Any]]) -> None:
    try:
        await held(approval, digest)
    except Exception as error:
        if not outcome.done():
            outcome.set_exception(error)


async def _ignore(_approval: str, _digest: str) -> None:
    """Decide nothing."""


class Server:
    """One tool server: lists what it is given, and asks the source for what was let through."""

    def __init__(self, name: str, tools: Sequence[Mapping[str, Any]], source: ToolSource) -> None:
        self._name = name
        self._tools = tools
        self._source = source

    async def handle(self, delivery: Delivery) -> None:
        """Answer one delivery."""
        try:
            request = read_request(delivery.body)
        except MalformedEnvelope as error:
            said = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": str(error)}}
            await delivery.answer(msgspec.json.encode(said))
            return
        if request.method == "tools/call":
            output = await self._source(delivery.thread.task, self._name, request.tool, request.arguments)
            result: dict[str, Any] = {"content": [{"type": "text", "text": output.text}], "isError": output.is_error}
            if output.structured is not None:
                whole = output.structured if isinstance(output.structured, dict) else {"result": output.structured}
                result["structuredContent"] = whole
        else:
            result = {"tools": list(self._tools)} if request.method == "tools/list" else {}
        await delivery.answer(msgspec.json.encode({"jsonrpc": "2.0", "id": request.id, "result": result}))


class Parrot:
    """A model that repeats what it is told: the worst that a summary can do to labels."""

    async def handle(self, delivery: Delivery) -> None:
        """Answer one delivery."""
        said = json.loads(delivery.body)["messages"][-1]["content"]
        choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        answer = {"id": new_id(), "object": "chat.completion", "model": "parrot", "choices": [choice], "usage": usage}
        await delivery.answer(json.dumps(answer).encode())


@asynccontextmanager
async def open_stage(
    team: Path, tools: Mapping[str, Sequence[Mapping[str, Any]]], source: ToolSource
) -> AsyncIterator[Stage]:
    """Start the team of a YAML file; `tools` are the listings of its tool servers by principal."""
    plan = require_plan(team)
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="lictor-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        server = BusServer(folder / "bus")
        await server.open()
        stack.push_async_callback(server.close)
        mint = server.mint()

        async def start(part: str, principals: Sequence[str]) -> Process:
            task = {
                "access": {name: asdict(mint.access(name)) for name in principals},
                "store": f"sqlite:///{folder / 'record.db'}",
                "team": str(team),
            }
            process = await asyncio.create_subprocess_exec(
                sys.executable, str(_PART), part, stdin=PIPE, stdout=PIPE, limit=_LONGEST
            )
            stack.push_async_callback(_stop, process)
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(task).encode() + b"\n")
            if (await process.stdout.readline()).strip() != b'"ready"':
                raise RuntimeError(f"the part {part} did not start")
            return process

        async def join(name: str) -> NatsMesh:
            access = mint.access(name)
            mesh = NatsMesh(lambda: access)
            await mesh.open()
            stack.push_async_callback(mesh.close)
            return mesh

        await start("recorder", ["recorder"])
        for name, listing in tools.items():
            await (await join(name)).serve(Server(name, listing, source).handle)
        for model in plan.models:
            await (await join(model.principal)).serve(Parrot().handle)
        await start("enforcer", ["enforcer"])
        agents = await start("agents", [agent.name for agent in plan.agents])
        stage = Stage(await join(USER), agents, folder)
        listener = asyncio.create_task(stage.listen())
        stack.callback(listener.cancel)
        for agent in plan.agents:
            for use in agent.tools:
                await stage.list_tools(agent.name, use.tool)
        yield stage


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(10):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
