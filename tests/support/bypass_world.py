"""A real bus with a real enforcer and recorder, honest principals who talk, and a hostile one with real credentials."""

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import nats
import nkeys
from nats.aio.client import Client
from nats.aio.msg import Msg

from lictor.protocols.a2a.writing import send_message
from lictor.protocols.errors import ProtocolError
from lictor.protocols.identifiers import new_id
from lictor.protocols.mesh import Delivery, Thread
from lictor.protocols.nats.access import BusAccess
from lictor.protocols.nats.jwt import USER, create_seed, public_key, user_jwt
from lictor.protocols.nats.mesh import NatsMesh
from lictor.protocols.nats.permissions import Permissions, permissions_of
from lictor.protocols.nats.trunk import NatsTrunk
from lictor.protocols.subjects import Kind
from lictor.runtime.bus.server import BusServer
from lictor.runtime.definition.plan import Plan
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.enforcer.enforcer import Enforcer
from lictor.runtime.recorder.recorder import Recorder
from lictor.runtime.store.store import open_store

MARK: Final = "mark-of-the-hostile-agent"
CANARY: Final = "canary-of-alice-and-bob"
HONEST: Final = ("alice", "bob", "carol")
PATIENCE: Final = 20.0

EDGES: Final = {"alice": ("bob", "mallory"), "mallory": ("carol",)}
ANSWER: Final = b'{"jsonrpc":"2.0","id":1,"result":{"message":{"parts":[{"text":"%s"}]}}}'


class Bypassed(Exception):
    """Raised by an attempt that saw its own success."""


def make_plan(folder: Path) -> Plan:
    names = (*HONEST, "mallory")
    place = {"file": "team.yaml", "line": 1}
    data = {
        "principals": {name: {"role": "agent", **place} for name in names},
        "edges": {
            sender: {target: {"kind": "a2a", **place} for target in targets} for sender, targets in EDGES.items()
        },
        "agents": {name: {"delegates": list(EDGES.get(name, ())), "delegates_line": 1, **place} for name in names},
        "permits": {},
        "exposed": [],
    }
    return Plan(
        file=folder / "team.yaml",
        folder=folder,
        nats="embedded",
        nats_credentials=None,
        store=f"sqlite:///{folder}/record.db",
        agents=(),
        tools=(),
        models=(),
        policies=(),
        policy_data=data,
        rate=(1_000_000, 1.0),
    )


class World:
    """Everyone who is honest."""

    def __init__(self, server: BusServer, meshes: dict[str, NatsMesh], accesses: dict[str, BusAccess]) -> None:
        self._server = server
        self._meshes = meshes
        self._accesses = accesses
        self.url = server.url
        self.port = server.port
        self.seen: list[bytes] = []
        """Everything that any honest principal got: subject, headers and body."""
        self.task = ""
        self.held = asyncio.Event()
        self._go = asyncio.Event()
        self.tokens: dict[str, str] = {}

    def now(self) -> float:
        return time.time()

    def jwt_of(self, name: str) -> str:
        return self._accesses[name].jwt

    async def ignore(self, _error: Exception) -> None:
        """Let a refused operation pass: the broker has said no."""

    async def start(self) -> None:
        self.task = new_id()
        for name in ("bob", "carol"):
            await self._meshes[name].serve(self._answer)
        await self._meshes["alice"].serve(self._pass_on)
        await self.chatter()

    async def _answer(self, delivery: Delivery) -> None:
        if b"hold" in delivery.body:
            self.held.set()
            await self._go.wait()
        await delivery.answer(ANSWER % (CANARY.encode() if delivery.sender == "alice" else b"fine"))

    async def _pass_on(self, delivery: Delivery) -> None:
        target = "mallory" if b"ask mallory" in delivery.body else "bob"
        said = "a question" if target == "mallory" else CANARY + (" hold" if b"hold" in delivery.body else "")
        thread = delivery.thread
        self.task = thread.task
        answer = await self._meshes["alice"].request(
            Kind.A2A, target, send_message(said), timeout=PATIENCE, thread=thread
        )
        self.seen.append(answer.body)
        await delivery.answer(ANSWER % b"done")

    async def chatter(self) -> None:
        """Let alice tell bob her secret once; returns when his answer is back."""
        await self.ask_and_wait("alice", "bob")

    async def ask_and_wait(self, first: str, second: str, *, hold: bool = False) -> None:
        self.held.clear()
        self._go.clear()
        body = send_message(f"ask {second}" + (" hold" if hold else ""))
        thread = Thread(task=new_id())
        try:
            answer = await self._meshes["op-cli"].request(Kind.A2A, first, body, timeout=PATIENCE, thread=thread)
        except ProtocolError as error:
            raise Bypassed(f"an honest exchange was broken: {error!r}") from error
        if b"done" not in answer.body:
            raise Bypassed(f"an honest exchange got another answer: {answer.body!r}")

    def let_go(self) -> None:
        self._go.set()

    async def token_of(self, name: str) -> str:
        """Return the token by which a principal answered last: what a thief might have seen."""
        await self.chatter()
        return self.tokens[name]

    def listening_ports(self) -> list[int]:
        """Return the TCP ports that the broker's process listens on."""
        inodes = set()
        for link in Path(f"/proc/{self._server.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                target = str(link.readlink())
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])
        ports = set()
        for table in ("tcp", "tcp6"):
            for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                words = row.split()
                if words[3] == "0A" and words[9] in inodes:
                    ports.add(int(words[1].rpartition(":")[2], 16))
        return sorted(ports)

    async def tap(self, message: Msg) -> None:
        if ".reply." in message.reply:
            self.tokens[message.subject.split(".")[2]] = message.reply.rpartition(".")[2]
        told = "\n".join(f"{name}: {value}" for name, value in (message.headers or {}).items())
        self.seen.append(f"{message.subject}\n{told}\n".encode() + message.data)


class Hostile:
    """A connection with mallory's credentials, and what it got."""

    def __init__(self, access: BusAccess, task: str) -> None:
        self.access = access
        self.task = task
        self.received: list[bytes] = []
        self._connection = Client()
        self._asked: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: asyncio.Future[None] | None = None

    async def open(self) -> None:
        await connect(self._connection, self.access)
        await self._connection.subscribe("_INBOX_mallory.>", cb=self.take)
        await self._connection.subscribe("lictor.in.mallory.>", cb=self._take_delivery)
        await self._connection.flush()

    async def close(self) -> None:
        await self._connection.close()

    async def take(self, message: Msg) -> None:
        told = "\n".join(f"{name}: {value}" for name, value in (message.headers or {}).items())
        self.received.append(f"{message.subject}\n{told}\n".encode() + message.data)

    async def _take_delivery(self, message: Msg) -> None:
        await self.take(message)
        if message.reply:
            await self._asked.put(message.reply)

    async def publish(
        self, subject: str, body: bytes, *, reply: str = "", headers: dict[str, str] | None = None
    ) -> None:
        with contextlib.suppress(ValueError, nats.errors.Error):
            await self._connection.publish(subject, body, reply=reply, headers=headers)

    async def subscribe(self, subject: str, queue: str = "") -> None:
        with contextlib.suppress(ValueError, nats.errors.Error):
            await self._connection.subscribe(subject, queue=queue, cb=self.take)
        await self.flush()

    async def write(self, line: bytes) -> None:
        """Write raw protocol bytes."""
        transport: Any = self._connection._transport
        with contextlib.suppress(ConnectionError):  # the broker hangs up on what is no protocol
            transport.write(line)
            await transport.drain()

    async def flush(self) -> None:
        with contextlib.suppress(nats.errors.Error, ConnectionError):
            await self._connection.flush(timeout=5)

    async def be_asked(self, world: World) -> str:
        """Let alice ask mallory something; returns the address for the answer."""
        self._waiting = asyncio.ensure_future(world.ask_and_wait("alice", "mallory"))
        return await asyncio.wait_for(self._asked.get(), PATIENCE)

    async def settle(self) -> None:
        """Return when everything that was sent has been judged, and what others waited for has come."""
        await self.flush()
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            await waiting

    async def connect_as(self, access: BusAccess, world: World) -> None:
        """Try other credentials; with them, listen to everything and write into bob's inbox."""
        connection = Client()
        with contextlib.suppress(Exception):
            await connect(connection, access)
            await connection.subscribe(">", cb=self.take)
            await connection.publish("lictor.in.bob.a2a.alice", MARK.encode())
            await connection.flush(timeout=5)
        await world.chatter()
        await leave(connection)


async def leave(connection: Client) -> None:
    """Close a connection, also one that the broker refused: the library leaves that one's socket open."""
    transport: Any = connection._transport
    await connection.close()
    if transport is not None and transport._io_writer is not None:
        transport._io_writer.transport.abort()


async def connect(connection: Client, access: BusAccess) -> None:
    async def ignore(_error: Exception) -> None:
        """The broker's refusals are what the suite expects."""

    pair = nkeys.from_seed(bytearray(access.seed.encode()))

    def sign(nonce: str) -> bytes:
        return base64.b64encode(pair.sign(nonce.encode()))

    await connection.connect(
        access.url,
        user_jwt_cb=lambda: bytearray(access.jwt.encode()),
        signature_cb=sign,
        error_cb=ignore,
        allow_reconnect=False,
        connect_timeout=5,
        inbox_prefix=f"_INBOX_{access.principal}".encode(),
    )


def mint(server: BusServer, principal: str, permissions: Permissions | None = None) -> BusAccess:
    """Return credentials; with `permissions`, others than Lictor gives."""
    if permissions is None:
        return server.mint().access(principal)
    seed = create_seed(USER)
    account, signing = server.keys.account_id, server.keys.account
    jwt = user_jwt(signing, account, public_key(seed), principal, permissions, now=time.time())
    return BusAccess(server.url, principal, jwt, seed)


@asynccontextmanager
async def make_world(folder: Path) -> AsyncIterator[tuple[World, BusServer]]:
    """Start everything for real; the tap of each honest principal sees all that the broker lets it see."""
    plan = make_plan(folder)
    async with contextlib.AsyncExitStack() as stack:
        server = BusServer(folder / "bus")
        await server.open()
        stack.push_async_callback(server.close)
        store = open_store(plan.store)
        stack.callback(store.close)
        accesses = {name: mint(server, name) for name in (*HONEST, "op-cli", "enforcer", "recorder")}
        trunks = {name: NatsTrunk(partial(accesses.__getitem__, name)) for name in ("recorder", "enforcer")}
        for trunk in trunks.values():
            await trunk.open()
            stack.push_async_callback(trunk.close)
        principals = (*HONEST, "mallory", "op-cli")
        for role in (
            Recorder(trunks["recorder"], store),
            Enforcer(trunks["enforcer"], build_mediation(plan), principals),
        ):
            await role.open()
            stack.push_async_callback(role.close)
        meshes = {name: NatsMesh(partial(accesses.__getitem__, name)) for name in (*HONEST, "op-cli")}
        world = World(server, meshes, accesses)
        for name, mesh in meshes.items():
            await mesh.open()
            stack.push_async_callback(mesh.close)
            tap = Client()
            await connect(tap, accesses[name])
            rights = permissions_of(name)
            for subject in rights.subscribe:
                await tap.subscribe(subject, cb=world.tap)
            await tap.flush()
            stack.push_async_callback(tap.close)
        await world.start()
        yield world, server


async def succeeds(attempt: Any, world: World, server: BusServer, permissions: Permissions | None = None) -> str:
    """Run one attempt; return how it succeeded, or nothing."""
    world.seen.clear()
    hostile = Hostile(mint(server, "mallory", permissions), new_id())
    await hostile.open()
    try:
        await world_knows(hostile, world)
        await attempt(hostile, world)
        await hostile.settle()
        await world.chatter()  # goes the same way as what was sent before it, so it comes after it
        await hostile.flush()
    except Bypassed as success:
        return str(success)
    finally:
        await hostile.close()
    reached = [each for each in world.seen if MARK.encode() in each]
    if reached:
        return f"it reached an honest principal: {reached[0][:300]!r}"
    read = [each for each in hostile.received if CANARY.encode() in each]
    return f"it read: {read[0][:300]!r}" if read else ""


async def world_knows(hostile: Hostile, world: World) -> None:
    """Make mallory part of a task, so that its messages are refused for what they are and not for lack of a task."""
    address = await hostile.be_asked(world)
    hostile.task = world.task
    await hostile.publish(address, ANSWER % b"fine", headers={"Lictor-Message": new_id()})
    await hostile.settle()
