"""One process of the stage: reads its task as one line of JSON, says `ready`, and ends when its input does.

enforcer   the real one, on the team's YAML
recorder   the real one, on SQLite
agents     every agent of the team, wholly in the attacker's hand: they send what they are told, with their own
           credentials, over the bus
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import uvloop

from lictor.protocols.a2a.writing import send_message
from lictor.protocols.errors import ProtocolError, Refused
from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import new_id
from lictor.protocols.mcp.client import calling
from lictor.protocols.mesh import Delivery, Thread
from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.mesh import NatsMesh
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.protocols.subjects import Kind
from lictor.runtime.definition.load import require_plan
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.enforcer.enforcer import Enforcer
from lictor.runtime.recorder.recorder import Recorder
from lictor.runtime.store.store import open_store

_LONGEST = 64 * 1024 * 1024
_PATIENCE = 60.0


class Puppet:
    """One agent: keeps the thread of each task that it was brought into, and sends what it is told to."""

    def __init__(self, access: BusAccess) -> None:
        self._mesh = NatsMesh(lambda: access)
        self._threads: dict[str, Thread] = {}
        self._asked: dict[str, int] = {}
        """For each message that is on its way, the number of the command."""
        self._says: dict[str, str] = {}

    async def open(self) -> None:
        """Connect and serve."""
        self._mesh.on_held(self._note)
        await self._mesh.open()
        await self._mesh.serve(self._take)

    async def close(self) -> None:
        """Leave."""
        await self._mesh.close()

    def prepare(self, task: str, text: str) -> None:
        """Answer the next message of the task with a text."""
        self._says[task] = text

    async def send(self, command: dict[str, Any]) -> dict[str, Any]:
        """Send one message and return what became of it."""
        thread, kind = self._threads.get(command["task"], Thread(task=command["task"])), Kind(command["kind"])
        if "raw" in command:
            body = command["raw"].encode()
        elif kind is Kind.MCP:
            body = calling(command["tool"], command["arguments"])
        elif kind is Kind.MODEL:
            body = json.dumps(command["body"]).encode()
        else:
            body = send_message(command["text"])
        identifier = command.get("identifier") or new_id()
        self._asked[identifier] = command["n"]
        try:
            answer = await self._mesh.request(
                kind, command["target"], body, timeout=_PATIENCE, thread=thread, identifier=identifier
            )
        except Refused as error:
            refusal = error.refusal
            return {"told": "refused", "code": refusal.code, "reason": refusal.reason, "id": identifier}
        except ProtocolError as error:
            return {"told": "failed", "code": type(error).__name__, "reason": str(error), "id": identifier}
        finally:
            self._asked.pop(identifier, None)
        return {"told": "answered", "body": answer.body.decode(), "labels": answer.labels, "id": identifier}

    async def _take(self, delivery: Delivery) -> None:
        self._threads[delivery.thread.task] = delivery.thread
        text = self._says.pop(delivery.thread.task, "I am on it.")
        message = {"messageId": new_id(), "role": "ROLE_AGENT", "parts": [{"text": text}]}
        request = json.loads(delivery.body)
        await delivery.answer(
            json.dumps({"jsonrpc": "2.0", "id": request.get("id"), "result": {"message": message}}).encode()
        )

    def _note(self, _thread: Thread, notice: HeldNotice) -> None:
        number = self._asked.get(notice.message)
        if number is not None and not notice.over:
            _say({"n": number, "held": notice.approval, "digest": notice.digest, "reason": notice.reason})


async def _agents(task: dict[str, Any]) -> None:
    puppets = {name: Puppet(BusAccess(**access)) for name, access in task["access"].items()}
    for puppet in puppets.values():
        await puppet.open()
    reader = asyncio.StreamReader(limit=_LONGEST)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say("ready")
    running: set[asyncio.Task[None]] = set()

    async def obey(command: dict[str, Any]) -> None:
        puppet = puppets[command["agent"]]
        if command["do"] == "prepare":
            puppet.prepare(command["task"], command["text"])
            _say({"n": command["n"], "told": "prepared"})
        else:
            _say({"n": command["n"], **await puppet.send(command)})

    while line := await reader.readline():
        job = asyncio.create_task(obey(json.loads(line)))
        running.add(job)
        job.add_done_callback(running.discard)
    for puppet in puppets.values():
        await puppet.close()


async def _enforce(task: dict[str, Any]) -> None:
    plan = require_plan(Path(task["team"]))
    access = BusAccess(**task["access"]["enforcer"])
    principals = tuple(plan.policy_data["principals"])
    await Enforcer(NatsTrunk(lambda: access), build_mediation(plan), principals).open()
    await _stay()


async def _record(task: dict[str, Any]) -> None:
    access = BusAccess(**task["access"]["recorder"])
    with open_store(task["store"]) as store:
        trunk = NatsTrunk(lambda: access)
        await trunk.open()
        recorder = Recorder(trunk, store)
        await recorder.open()
        await _stay()
        await recorder.close()
        await trunk.close()


async def _stay() -> None:
    _say("ready")
    await asyncio.to_thread(sys.stdin.read)


def _say(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


PARTS = {"agents": _agents, "enforcer": _enforce, "recorder": _record}

if __name__ == "__main__":
    first = json.loads(sys.stdin.readline())
    uvloop.run(PARTS[sys.argv[1]](first))
