"""A small team on the in-memory bus, judged by the real layers and bundle: agents, tools and a scripted model."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lictor.protocols.a2a.reading import Outcome, read_answer
from lictor.protocols.a2a.writing import send_message
from lictor.protocols.envelope import Packet
from lictor.protocols.identifiers import new_id
from lictor.protocols.in_memory.mesh import InMemoryBus
from lictor.protocols.mcp.reading import read_request
from lictor.protocols.mesh import Delivery, Handler, Mesh, Thread
from lictor.protocols.names import role_of
from lictor.protocols.record import MessageEntry, unpack
from lictor.protocols.subjects import Kind
from lictor.runtime.agent.service import AgentService
from lictor.runtime.definition.plan import AgentPlan, Budget, Permit, Place, Plan, Supervise, ToolUse
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.enforcer.mediation import Mediation

MODEL = "model-scripted"
OPERATOR = "op-cli"

Say = Callable[[dict[str, Any]], str | Awaitable[str]]
"""What a scripted model answers to one chat-completions request."""
Tool = Callable[[dict[str, Any]], "dict[str, Any] | Awaitable[dict[str, Any]]"]
"""Arguments in, an MCP result out."""


def agent(name: str, **changes: Any) -> AgentPlan:
    """Return the plan of a prompt agent with one scripted model."""
    plan = AgentPlan(
        name=name,
        description=f"{name} does its part",
        prompt=f"You are {name}.",
        graph="",
        route="in-order",
        models=(MODEL,),
        delegates=(),
        tools=(),
        expose=(),
        output=None,
        budget=Budget(),
        supervise=Supervise(),
        timeout=20.0,
        retries=0,
        folder=Path(),
        place=Place("team.yaml", 1),
    )
    return replace(plan, **changes)


def uses(*tools: str, permit: Permit | None = None) -> tuple[ToolUse, ...]:
    """Return uses of tool servers, all with one permit."""
    return tuple(ToolUse(tool, permit or Permit(), Place("team.yaml", 9)) for tool in tools)


def team_data(plans: Iterable[AgentPlan], extra: Mapping[str, Mapping[str, str]] | None = None) -> dict[str, Any]:
    """Return `data.lictor.team` for agents; `extra` adds edges without a permit."""
    agents = {plan.name: plan for plan in plans}
    edges: dict[str, dict[str, Any]] = {}
    principals: dict[str, Any] = {}
    permits: dict[str, Any] = {}

    def edge(sender: str, target: str, kind: str, line: int = 1) -> None:
        edges.setdefault(sender, {})[target] = {"kind": kind, "file": "team.yaml", "line": line}
        for name in (sender, target):
            principals[name] = {"role": role_of(name).value, "file": "team.yaml", "line": line}

    for number, plan in enumerate(agents.values(), start=1):
        edge(OPERATOR, plan.name, "a2a")
        edge("op-other", plan.name, "a2a")
        for delegate in plan.delegates:
            edge(plan.name, delegate, "a2a", 10 * number)
        for model in plan.models:
            edge(plan.name, model, "model")
        for use in plan.tools:
            edge(plan.name, use.tool, "mcp")
            allow = list(use.permit.allow) or ["*"]
            deny = {"allow": allow, "ask": list(use.permit.ask), "deny": list(use.permit.deny)}
            otherwise = {"otherwise": "ask" if use.permit.allow or use.permit.deny else "allow"}
            permits.setdefault(plan.name, {})[use.tool] = {**deny, **otherwise, "file": "team.yaml", "line": 9}
    for sender, targets in (extra or {}).items():
        for target, kind in targets.items():
            edge(sender, target, kind)
    return {
        "principals": principals,
        "edges": edges,
        "agents": {
            plan.name: {
                "delegates": list(plan.delegates),
                "delegates_line": 10 * number,
                "file": "team.yaml",
                "line": number,
            }
            for number, plan in enumerate(agents.values(), start=1)
        },
        "permits": permits,
        "tools": {
            name: {"kind": "mcp-stdio", "labels": [], "clearance": "secret", "remote": False, "line": 9}
            for name in principals
            if name.startswith("tool-")
        },
        "models": {
            name: {"name": name, "clearance": "secret", "remote": False}
            for name in principals
            if name.startswith("model-")
        },
        "exposed": [],
    }


def mediation(plans: Sequence[AgentPlan], data: Mapping[str, Any]) -> Mediation:
    """Return the enforcer's core as it is built for a real team."""
    return build_mediation(
        Plan(
            file=Path("team.yaml"),
            folder=Path(),
            nats="embedded",
            nats_credentials=None,
            store="",
            agents=tuple(plans),
            tools=(),
            models=(),
            policies=(),
            policy_data=data,
            rate=(1000, 1.0),
        )
    )


@dataclass
class Heard:
    """What a scripted part was asked."""

    requests: list[dict[str, Any]]
    arrived: asyncio.Event


class Team:
    """A running team; `ask` speaks for the operator."""

    def __init__(self, core: Mediation) -> None:
        self.core = core
        self.bus = InMemoryBus(core, record=self._record)
        self.entries: list[MessageEntry] = []
        self.heard: dict[str, Heard] = {}
        self.services: dict[str, AgentService] = {}
        self._meshes: dict[str, Mesh] = {}

    async def mesh(self, principal: str) -> Mesh:
        """Return the open mesh of a principal."""
        if principal not in self._meshes:
            mesh = self._meshes[principal] = self.bus.mesh(principal)
            await mesh.open()
        return self._meshes[principal]

    async def serve(self, principal: str, handler: Handler) -> None:
        """Let a handler stand for a principal."""
        await (await self.mesh(principal)).serve(handler)

    async def add_agent(self, plan: AgentPlan, delegates: Mapping[str, str]) -> None:
        """Start an agent."""
        service = self.services[plan.name] = AgentService(plan, delegates, self.bus.mesh(plan.name))
        await service.open()

    async def add_model(self, say: Say, principal: str = MODEL) -> None:
        """Let `say` stand for a model: chat completions, streamed word by word when asked for a stream."""
        heard = self.heard[principal] = Heard([], asyncio.Event())

        async def answer(delivery: Delivery) -> None:
            request = json.loads(delivery.body)
            heard.requests.append(request)
            heard.arrived.set()
            said = say(request)
            text = said if isinstance(said, str) else await said
            usage = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
            if not request.get("stream"):
                message = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
                body = {
                    "id": "c",
                    "object": "chat.completion",
                    "model": "scripted-1",
                    "choices": [message],
                    "usage": usage,
                }
                await delivery.answer(json.dumps(body).encode())
                return
            for word in text.split(" "):
                piece = {"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}
                await delivery.answer(json.dumps({"model": "scripted-1", "choices": [piece]}).encode(), end=False)
            end = {"index": 0, "delta": {}, "finish_reason": "stop"}
            await delivery.answer(json.dumps({"model": "scripted-1", "choices": [end], "usage": usage}).encode())

        await self.serve(principal, answer)

    async def add_tools(
        self, principal: str, tools: Mapping[str, Tool], schemas: Mapping[str, Any] | None = None
    ) -> None:
        """Let functions stand for a tool server."""
        heard = self.heard[principal] = Heard([], asyncio.Event())
        plain = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}

        async def answer(delivery: Delivery) -> None:
            request = read_request(delivery.body)
            heard.requests.append(
                {"method": request.method, "tool": request.tool, "arguments": dict(request.arguments)}
            )
            heard.arrived.set()
            if request.method == "tools/list":
                result: Any = {
                    "tools": [
                        {"name": name, "description": f"{name} it", "inputSchema": (schemas or {}).get(name, plain)}
                        for name in tools
                    ]
                }
            else:
                made = tools[request.tool](dict(request.arguments))
                result = made if isinstance(made, dict) else await made
            await delivery.answer(json.dumps({"jsonrpc": "2.0", "id": request.id, "result": result}).encode())

        await self.serve(principal, answer)

    async def ask(self, target: str, text: str, *, sender: str = OPERATOR, seconds: float = 20.0) -> Outcome:
        """Send a task and return what came of it."""
        mesh = await self.mesh(sender)
        answer = await mesh.request(Kind.A2A, target, send_message(text), timeout=seconds, thread=Thread(task=new_id()))
        return read_answer(answer.body)

    async def call(self, target: str, body: bytes, *, sender: str = OPERATOR, seconds: float = 20.0) -> Outcome:
        """Send any A2A request and return what came of it."""
        mesh = await self.mesh(sender)
        answer = await mesh.request(Kind.A2A, target, body, timeout=seconds, thread=Thread(task=new_id()))
        return read_answer(answer.body)

    async def follow(self, target: str, text: str, *, sender: str = OPERATOR, seconds: float = 20.0) -> list[Outcome]:
        """Send a task and return its events."""
        return [event async for event in self.events(target, text, sender=sender, seconds=seconds)]

    async def events(
        self, target: str, text: str, *, sender: str = OPERATOR, seconds: float = 20.0
    ) -> AsyncIterator[Outcome]:
        """Send a task and yield its events."""
        mesh = await self.mesh(sender)
        body = send_message(text, streaming=True)
        async for part in mesh.stream(Kind.A2A, target, body, timeout=seconds, thread=Thread(task=new_id())):
            yield read_answer(part.body)

    @asynccontextmanager
    async def task(self, principal: str) -> AsyncIterator[Thread]:
        """Start a task with a principal that the test speaks for, and give the thread it was delivered with."""
        arrived: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()
        done = asyncio.Event()

        async def hold(delivery: Delivery) -> None:
            arrived.set_result(delivery)
            await done.wait()
            await delivery.answer(b'{"jsonrpc":"2.0","id":1,"result":{}}')

        await self.serve(principal, hold)
        asking = asyncio.create_task(self.ask(principal, "?"))
        try:
            yield (await arrived).thread
        finally:
            done.set()
            await asking

    def verdicts(self, sender: str = "", target: str = "") -> list[str]:
        """Return the outcomes of what was judged between two principals."""
        return [
            entry.outcome for entry in self.entries if sender in ("", entry.sender) and target in ("", entry.target)
        ]

    def _record(self, body: bytes) -> None:
        batch = unpack(body)
        self.entries.extend(batch.entries)
        self.bus.publish(self.core.acknowledge([Packet(self.core.record_reply, str(batch.sequence).encode())]))

    async def close(self) -> None:
        """Stop everyone."""
        for service in self.services.values():
            await service.close()
        for mesh in self._meshes.values():
            await mesh.close()


@asynccontextmanager
async def running_team(
    *plans: AgentPlan,
    say: Say | None = None,
    extra: Mapping[str, Mapping[str, str]] | None = None,
    absent: Iterable[str] = (),
) -> AsyncIterator[Team]:
    """Run agents with a scripted model; agents named in `absent` exist in the policy and are not started."""
    team = Team(mediation(plans, team_data(plans, extra)))
    descriptions = {plan.name: plan.description for plan in plans}
    try:
        if say is not None:
            await team.add_model(say)
        for plan in plans:
            if plan.name not in absent:
                await team.add_agent(plan, {name: descriptions.get(name, "") for name in plan.delegates})
        yield team
    finally:
        await team.close()


def passage(file: str, heading: str, text: str) -> dict[str, Any]:
    """Return the result of a search that found one passage."""
    return passages((file, heading, text))


def passages(*found: tuple[str, str, str]) -> dict[str, Any]:
    """Return the result of a search."""
    listed = [{"file": file, "heading": heading, "text": text} for file, heading, text in found]
    return {
        "content": [{"type": "text", "text": "\n\n".join(text for _, _, text in found)}],
        "structuredContent": {"passages": listed},
    }
