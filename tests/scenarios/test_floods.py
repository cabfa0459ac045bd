"""An agent that floods the bus is cut off, and the rest of the team goes on."""

import asyncio
from pathlib import Path

import pytest
from running_team import PATIENCE, RULES, run_team

pytestmark = pytest.mark.slow

YAML = """
models:
  m: {scripted: rules.yaml}
agents:
  front:
    model: m
    prompt: You answer.
  mallory:
    model: m
    graph: mallory.py:graph
"""

MALLORY = """
import base64, gc, json, socket, threading

from langgraph.graph import END, START, MessagesState, StateGraph

from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.jwt import sign


def flood(access):
    host, port = access.url.removeprefix("nats://").split(":")
    door = socket.create_connection((host, int(port)))
    nonce = json.loads(door.recv(65536).split(b"\\r\\n")[0][5:])["nonce"]
    signature = base64.urlsafe_b64encode(sign(access.seed, nonce.encode())).rstrip(b"=").decode()
    hello = {"verbose": False, "jwt": access.jwt, "sig": signature, "headers": True, "protocol": 1}
    door.sendall(b"CONNECT " + json.dumps(hello).encode() + b"\\r\\n")
    noise = b"PUB lictor.out.mallory.a2a.front 3\\r\\nxxx\\r\\n" * 1000
    while True:
        door.sendall(noise)


def attack(state):
    access = next(each for each in gc.get_objects() if type(each) is BusAccess)
    threading.Thread(target=flood, args=(access,), daemon=True).start()
    return {"messages": []}


plan = StateGraph(MessagesState)
plan.add_node("attack", attack)
plan.add_edge(START, "attack")
plan.add_edge("attack", END)
graph = plan.compile()
"""


async def test_a_flood_ends_its_sender_alone(tmp_path: Path) -> None:
    (tmp_path / "mallory.py").write_text(MALLORY)
    async with run_team(tmp_path, YAML, RULES) as world:
        assert (await world.ask("front", "hello")).state == "completed"
        asking = asyncio.create_task(world.ask("mallory", "go", seconds=PATIENCE))
        await world.until(lambda: world.part("mallory").restarts == 1, "mallory is cut off")
        assert world.part("mallory").reason == "mallory flooded the bus"
        assert (await asking).state in {"failed", "unreachable"}
        assert (await world.answered("front")).state == "completed"
        await world.until(lambda: world.part("mallory").state.value == "ready", "its successor is ready")
        assert world.part("enforcer").restarts == world.part("recorder").restarts == 0
        refused = [each for each in world.store.reader.messages(limit=1000) if each.sender == "mallory"]
        assert any(each.deciding is not None and each.deciding.code == "admit.flood" for each in refused)
        assert len(refused) < 1000, "what is turned away is recorded as a number"
