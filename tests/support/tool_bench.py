"""A tool server on the in-memory bus with the real layers, and an agent that asks it."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediated_team import Team, agent, mediation, team_data, uses

from lictor.protocols.a2a.writing import send_message
from lictor.protocols.identifiers import new_id
from lictor.protocols.mcp.client import ToolDescription, call_tool, list_tools
from lictor.protocols.mcp.reading import Result
from lictor.protocols.mesh import Delivery, Mesh, Thread
from lictor.protocols.subjects import Kind
from lictor.runtime.definition.plan import ToolPlan
from lictor.runtime.tools.server import ToolServer

TOOL = "tool-bench"
SERVERS = Path(__file__).parent / "mcp_servers"


def stdio(tmp_path: Path, script: str = "plain.py", *arguments: str, **changes: Any) -> ToolPlan:
    """Return the plan of one of the servers beside this file."""
    command = (sys.executable, str(SERVERS / script), *arguments)
    settings: dict[str, Any] = {"timeout": 10.0, "folder": tmp_path} | changes
    return ToolPlan(principal=TOOL, kind="mcp-stdio", command=command, **settings)


@dataclass(frozen=True)
class Bench:
    """A running tool server and who asks it."""

    server: ToolServer
    asker: Mesh
    thread: Thread

    async def list(self) -> tuple[ToolDescription, ...]:
        """Return the server's tools."""
        return await list_tools(self.asker, TOOL, seconds=15, thread=self.thread)

    async def call(self, tool: str, **arguments: Any) -> Result:
        """Call a tool."""
        return await call_tool(self.asker, TOOL, tool, arguments, seconds=15, thread=self.thread)


@asynccontextmanager
async def running_tools(plan: ToolPlan) -> AsyncIterator[Bench]:
    """Run a tool server for as long as the block lasts."""
    plans = [agent("asker", tools=uses(TOOL))]
    team = Team(mediation(plans, team_data(plans)))
    server = ToolServer(plan, team.bus.mesh(TOOL))
    threads: list[Thread] = []

    async def accept(delivery: Delivery) -> None:
        threads.append(delivery.thread)
        await delivery.answer(b'{"jsonrpc":"2.0","id":1,"result":{}}')

    try:
        await server.open()
        await team.serve("asker", accept)
        operator = await team.mesh("op-cli")
        await operator.request(Kind.A2A, "asker", send_message("go"), timeout=5, thread=Thread(task=new_id()))
        yield Bench(server, await team.mesh("asker"), threads[0])
    finally:
        await server.close()
        await team.close()
