"""What a hostile process with an agent's real credentials tries, each in a function of its own.

`MARK` in a payload that reaches another principal is a delivery; a principal's secret that reaches the hostile
connection is a reading. Neither may happen.
"""

import asyncio
import base64
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from bypass_world import CANARY, MARK, Hostile, World, leave
from nats.aio.client import Client

from lictor.protocols.headers import write_headers
from lictor.protocols.identifiers import new_id
from lictor.protocols.nats.jwt import USER, create_seed, public_key, user_jwt
from lictor.protocols.nats.permissions import Permissions, permissions_of

Attempt = Callable[[Hostile, World], Awaitable[None]]


def a2a(text: str) -> bytes:
    message = {"messageId": new_id(), "role": "ROLE_USER", "parts": [{"text": text}]}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {"message": message}}).encode()


def headers(**more: str) -> dict[str, str]:
    return {"Lictor-Message": new_id(), **{name.replace("_", "-"): value for name, value in more.items()}}


@dataclass(frozen=True)
class Publish:
    """Publishes one message."""

    subject: str
    reply: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    async def __call__(self, hostile: Hostile, world: World) -> None:
        told = {**headers(Lictor_Task=hostile.task), **dict(self.extra)}
        await hostile.publish(self.subject, self.body or a2a(MARK), reply=self.reply, headers=told)


@dataclass(frozen=True)
class Listen:
    """Subscribes, then lets others talk."""

    subject: str
    queue: str = ""

    async def __call__(self, hostile: Hostile, world: World) -> None:
        await hostile.subscribe(self.subject, self.queue)
        await world.chatter()


async def answers_with_a_guessed_token(hostile: Hostile, world: World) -> None:
    for token in ("0" * 24, "a" * 24, "1", "x" * 64):
        await hostile.publish(f"lictor.out.mallory.reply.enforcer.{token}", a2a(MARK), headers=headers())


async def answers_anothers_request(hostile: Hostile, world: World) -> None:
    token = await world.token_of("bob")
    await hostile.publish(f"lictor.out.mallory.reply.enforcer.{token}", a2a(MARK), headers=headers())
    await hostile.publish(f"lictor.out.bob.reply.enforcer.{token}", a2a(MARK), headers=headers())


async def answers_twice(hostile: Hostile, world: World) -> None:
    delivery = await hostile.be_asked(world)
    await hostile.publish(delivery, b'{"jsonrpc":"2.0","id":1,"result":{}}', headers=headers())
    await hostile.publish(delivery, a2a(MARK), headers=headers())


async def forges_a_loss(hostile: Hostile, world: World) -> None:
    delivery = await hostile.be_asked(world)
    told = headers(Lictor_Lost="bob", Lictor_Refused='{"reason":"' + MARK + '"}', Lictor_Verdict=MARK)
    await hostile.publish(delivery, b'{"jsonrpc":"2.0","id":1,"result":{}}', headers=told)


async def forges_labels(hostile: Hostile, world: World) -> None:
    told = headers(Lictor_Task=hostile.task, Lictor_Labels=MARK, Lictor_Verdict=MARK, Lictor_Sender=MARK)
    await hostile.publish("lictor.out.mallory.a2a.carol", a2a("plain"), headers=told)


async def forges_an_answers_target(hostile: Hostile, world: World) -> None:
    delivery = await hostile.be_asked(world)
    await hostile.publish(delivery + ".lictor.in.bob", a2a(MARK), headers=headers())
    fine = b'{"jsonrpc":"2.0","id":1,"result":{}}'
    await hostile.publish(delivery, fine, reply="lictor.in.bob.a2a.alice", headers={**headers(), "x": MARK})


async def replays(hostile: Hostile, world: World) -> None:
    told = headers(Lictor_Task=hostile.task)
    await hostile.publish("lictor.out.mallory.a2a.carol", a2a("once"), headers=told)
    again = {**told}
    await hostile.publish("lictor.out.mallory.a2a.carol", a2a(MARK), headers=again)


async def hijacks_a_task(hostile: Hostile, world: World) -> None:
    await world.chatter()  # a task of alice and bob alone
    told = headers(Lictor_Task=world.task, Lictor_Parent=new_id(), Lictor_Hops="0")
    await hostile.publish("lictor.out.mallory.a2a.carol", a2a(MARK), headers=told)


async def comes_from_the_future(hostile: Hostile, world: World) -> None:
    told = {**headers(Lictor_Task=hostile.task), "Lictor-Message": "f" * 32}
    await hostile.publish("lictor.out.mallory.a2a.carol", a2a(MARK), headers=told)


async def injects_lines(hostile: Hostile, world: World) -> None:
    block = b"NATS/1.0\r\nLictor-Message: " + new_id().encode() + b"\r\nLictor-Task: x\r\n\r\n"
    body = a2a("x")
    for subject in (
        f"lictor.out.mallory.a2a.carol\r\nPUB lictor.in.bob.a2a.alice {len(MARK)}\r\n{MARK}",
        "lictor.out.mallory.a2a.carol lictor.in.bob",
        "lictor.out.mallory.a2a.carol\tlictor.in.bob",
    ):
        line = f"HPUB {subject} {len(block)} {len(block) + len(body)}\r\n".encode()
        again = Hostile(hostile.access, hostile.task)
        await again.open()
        await again.write(line + block + body + b"\r\n")
        await again.flush()
        await again.close()


async def repeats_a_header(hostile: Hostile, world: World) -> None:
    await world.chatter()
    block = write_headers(headers(Lictor_Task=hostile.task))[:-2]
    block += f"Lictor-Task: {world.task}\r\nLictor-Verdict: {MARK}\r\n\r\n".encode()
    body = a2a(MARK)
    line = f"HPUB lictor.out.mallory.a2a.carol {len(block)} {len(block) + len(body)}\r\n".encode()
    await hostile.write(line + block + body + b"\r\n")


async def traces_into_an_inbox(hostile: Hostile, world: World) -> None:
    told = {**headers(Lictor_Task=hostile.task), "Nats-Trace-Dest": "lictor.in.bob.a2a.alice", "x": MARK}
    await hostile.publish("lictor.out.mallory.a2a.carol", b"{}", headers=told)
    told = {**headers(), "Nats-Trace-Dest": "_INBOX_bob.x", "Nats-Trace-Only": "true", "x": MARK}
    await hostile.publish("lictor.out.mallory.a2a.bob", b"{}", headers=told)


async def schedules_into_an_inbox(hostile: Hostile, world: World) -> None:
    told = {
        **headers(Lictor_Task=hostile.task),
        "Nats-Schedule": "@every 1s",
        "Nats-Schedule-Target": "lictor.in.bob.a2a.alice",
        "Nats-Msg-Id": "x",
    }
    await hostile.publish("lictor.out.mallory.a2a.bob", a2a(MARK), headers=told)


async def makes_a_stream_of_inboxes(hostile: Hostile, world: World) -> None:
    stream = json.dumps({"name": "LOOT", "subjects": ["lictor.in.>", "lictor.out.>"], "storage": "memory"}).encode()
    await hostile.publish("$JS.API.STREAM.CREATE.LOOT", stream, reply="_INBOX_mallory.js")
    await world.chatter()
    await hostile.publish(
        "$JS.API.STREAM.MSG.GET.LOOT", b'{"last_by_subj":"lictor.in.bob.>"}', reply="_INBOX_mallory.js"
    )
    await hostile.publish("$JS.API.STREAM.NAMES", b"", reply="_INBOX_mallory.js")


async def pulls_with_a_foreign_reply(hostile: Hostile, world: World) -> None:
    for subject in ("$JS.API.CONSUMER.MSG.NEXT.LICTOR.bob", "$JS.API.DIRECT.GET.LICTOR", "$JS.API.INFO"):
        await hostile.publish(subject, MARK.encode(), reply="lictor.in.bob.a2a.alice")
        await hostile.publish(subject, b"", reply="_INBOX_mallory.x")


async def writes_a_key_value_bucket(hostile: Hostile, world: World) -> None:
    await hostile.publish("$KV.lictor.bob", MARK.encode())
    await hostile.publish("$JS.API.STREAM.CREATE.KV_lictor", b'{"name":"KV_lictor","subjects":["$KV.lictor.>"]}')
    await hostile.publish("$O.lictor.C.x", MARK.encode())


async def asks_the_system_account(hostile: Hostile, world: World) -> None:
    for subject in (
        "$SYS.REQ.SERVER.PING",
        "$SYS.REQ.SERVER.PING.CONNZ",
        "$SYS.REQ.ACCOUNT.PING",
        "$SYS.REQ.USER.INFO",
    ):
        await hostile.publish(subject, b"{}", reply="lictor.in.bob.a2a.alice", headers={"x": MARK})
        await hostile.publish(subject, b"{}", reply="_INBOX_bob.x", headers={"x": MARK})


async def gives_itself_rights(hostile: Hostile, world: World) -> None:
    await hostile.publish("$SYS.REQ.CLAIMS.UPDATE", hostile.access.jwt.encode())
    await hostile.publish("$SYS.REQ.ACCOUNT.X.CLAIMS.UPDATE", hostile.access.jwt.encode())
    await hostile.publish("lictor.in.bob.a2a.alice", a2a(MARK))


async def tells_the_enforcer_that_bob_is_gone(hostile: Hostile, world: World) -> None:
    waiting = asyncio.ensure_future(world.ask_and_wait("alice", "bob", hold=True))
    await world.held.wait()
    await hostile.publish("lictor.control.lost", b"bob")
    await hostile.publish("lictor.control.lost", b"alice")
    await hostile.flush()
    world.let_go()
    await waiting  # raises when the forged loss was believed


async def acknowledges_the_record(hostile: Hostile, world: World) -> None:
    await hostile.publish("_INBOX_enforcer.record", b"999999999")
    await hostile.publish("lictor.record.enforcer", MARK.encode(), reply="_INBOX_enforcer.record")


async def signs_its_own_credentials(hostile: Hostile, world: World) -> None:
    everything = Permissions((">",), (">",))
    own = create_seed(USER)
    forged = user_jwt(
        hostile.access.seed, public_key(hostile.access.seed), public_key(own), "bob", everything, now=world.now()
    )
    await hostile.connect_as(replace(hostile.access, jwt=forged, seed=own), world)


async def edits_its_credentials(hostile: Hostile, world: World) -> None:
    head, body, signature = hostile.access.jwt.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["nats"]["pub"] = {"allow": [">"]}
    claims["nats"]["sub"] = {"allow": [">"]}
    claims["name"] = "bob"
    edited = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    await hostile.connect_as(replace(hostile.access, jwt=f"{head}.{edited}.{signature}"), world)


async def uses_anothers_jwt(hostile: Hostile, world: World) -> None:
    await hostile.connect_as(replace(hostile.access, jwt=world.jwt_of("bob")), world)


async def connects_without_credentials(hostile: Hostile, world: World) -> None:
    guesses: tuple[dict[str, Any], ...] = (
        {},
        {"user": "bob", "password": "bob"},
        {"user": "sys", "password": "sys"},
        {"token": "bob"},
    )
    for options in guesses:
        connection = Client()
        with contextlib.suppress(Exception):
            await connection.connect(
                world.url, allow_reconnect=False, connect_timeout=2, error_cb=world.ignore, **options
            )
            await connection.subscribe(">", cb=hostile.take)
            await connection.publish("lictor.in.bob.a2a.alice", a2a(MARK))
            await connection.flush()
            await world.chatter()
        await leave(connection)


async def looks_for_other_doors(hostile: Hostile, world: World) -> None:
    for port in world.listening_ports():
        if port == world.port:
            continue
        with socket.create_connection(("127.0.0.1", port), timeout=2) as door:
            door.sendall(b"GET /connz?subs=1&auth=1 HTTP/1.0\r\n\r\n")
            hostile.received.append(door.recv(65536) + CANARY.encode())


async def borrows_another_reply_prefix(hostile: Hostile, world: World) -> None:
    await hostile.subscribe("_INBOX_bob.mine")
    await hostile.publish(
        "lictor.out.mallory.a2a.carol", a2a(MARK), reply="_INBOX_bob.mine", headers=headers(Lictor_Task=hostile.task)
    )


async def uses_wildcards_as_names(hostile: Hostile, world: World) -> None:
    for subject in (
        "lictor.out.mallory.a2a.*",
        "lictor.out.mallory.a2a.>",
        "lictor.out.*.a2a.bob",
        "lictor.out.mallory.*.bob",
    ):
        await hostile.publish(subject, a2a(MARK), headers=headers(Lictor_Task=hostile.task))


async def speaks_other_kinds(hostile: Hostile, world: World) -> None:
    for kind in ("mcp", "model", "event", "reply", "control", "A2A", ""):
        await hostile.publish(f"lictor.out.mallory.{kind}.bob", a2a(MARK), headers=headers(Lictor_Task=hostile.task))


async def hides_a_second_body(hostile: Hostile, world: World) -> None:
    body = (
        b'{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"SendMessage","params":{"message":{"parts":[{"text":"'
        + MARK.encode()
        + b'"}]}}}'
    )
    await hostile.publish("lictor.out.mallory.mcp.bob", body, headers=headers())
    await hostile.publish("lictor.out.mallory.a2a.bob", body, headers=headers(Lictor_Task=hostile.task))


async def sends_without_a_task(hostile: Hostile, world: World) -> None:
    await hostile.publish("lictor.out.mallory.a2a.carol", a2a(MARK), headers=headers())
    await hostile.publish("lictor.out.mallory.a2a.bob", a2a(MARK), headers=headers(Lictor_Task=new_id()))


async def floods_until_something_gives(hostile: Hostile, world: World) -> None:
    for _ in range(400):
        await hostile.publish("lictor.out.mallory.a2a.bob", a2a(MARK), headers=headers(Lictor_Task=hostile.task))


async def waits_as_a_second_instance(hostile: Hostile, world: World) -> None:
    await hostile.subscribe("lictor.in.mallory.>", "bob")
    await hostile.subscribe("_INBOX_mallory.>", "enforcer")
    await world.chatter()


ATTEMPTS: Final[dict[str, Attempt]] = {
    "publish into an inbox": Publish("lictor.in.bob.a2a.alice"),
    "publish into an inbox, other subject": Publish("lictor.in.bob.x"),
    "publish as another principal": Publish("lictor.out.alice.a2a.bob"),
    "publish into a reply inbox": Publish("_INBOX_bob.x"),
    "address a principal without an edge": Publish("lictor.out.mallory.a2a.bob"),
    "reply subject in another reply inbox": Publish("lictor.out.mallory.a2a.bob", "_INBOX_bob.x"),
    "reply subject in an inbox": Publish("lictor.out.mallory.a2a.carol", "lictor.in.bob.a2a.alice"),
    "reply subject with a longer name": Publish("lictor.out.mallory.a2a.carol", "_INBOX_mallory2.x"),
    "reply subject of the enforcer": Publish("lictor.out.mallory.a2a.bob", "_INBOX_enforcer.record"),
    "reply subject in the JetStream API": Publish("lictor.out.mallory.a2a.carol", "$JS.API.STREAM.CREATE.X"),
    "reply subject of the control plane": Publish("lictor.out.mallory.a2a.bob", "lictor.control.lost", body=b"bob"),
    "wildcard in the reply subject": Publish("lictor.out.mallory.a2a.carol", "_INBOX_bob.>"),
    "forged request information": Publish(
        "lictor.out.mallory.a2a.bob", extra=(("Nats-Request-Info", '{"acc":"alice"}'), ("Lictor-Sender", "alice"))
    ),
    "forged verdict": Publish(
        "lictor.out.mallory.a2a.bob", extra=(("Lictor-Verdict", "allow"), ("Lictor-Labels", "public"))
    ),
    "longer subject": Publish("lictor.out.mallory.a2a.carol.bob"),
    "empty token": Publish("lictor.out.mallory.a2a..bob"),
    "reply with a guessed token": answers_with_a_guessed_token,
    "reply with another's token": answers_anothers_request,
    "reply twice": answers_twice,
    "reply that forges a loss": forges_a_loss,
    "reply with a target of its own": forges_an_answers_target,
    "forged labels and verdict": forges_labels,
    "replay": replays,
    "hijack a task": hijacks_a_task,
    "id from the future": comes_from_the_future,
    "no task, unknown task": sends_without_a_task,
    "protocol lines in a subject": injects_lines,
    "repeated header": repeats_a_header,
    "message trace into an inbox": traces_into_an_inbox,
    "schedule into an inbox": schedules_into_an_inbox,
    "stream over all inboxes": makes_a_stream_of_inboxes,
    "pull request with a foreign reply": pulls_with_a_foreign_reply,
    "key-value and object buckets": writes_a_key_value_bucket,
    "system account requests": asks_the_system_account,
    "claims update": gives_itself_rights,
    "forged loss of a principal": tells_the_enforcer_that_bob_is_gone,
    "forged record and acknowledgement": acknowledges_the_record,
    "credentials it signed itself": signs_its_own_credentials,
    "credentials it edited": edits_its_credentials,
    "another's JWT with its own key": uses_anothers_jwt,
    "no credentials, passwords, tokens": connects_without_credentials,
    "other ports": looks_for_other_doors,
    "another's reply prefix": borrows_another_reply_prefix,
    "wildcards as names": uses_wildcards_as_names,
    "other kinds": speaks_other_kinds,
    "repeated JSON keys": hides_a_second_body,
    "flood": floods_until_something_gives,
    "second instance of itself": waits_as_a_second_instance,
    "listen to everything": Listen(">"),
    "listen to all of Lictor": Listen("lictor.>"),
    "listen to all inboxes": Listen("lictor.in.>"),
    "listen to one inbox": Listen("lictor.in.bob.>"),
    "listen with a wildcard name": Listen("lictor.in.*.a2a.alice"),
    "listen to all outboxes": Listen("lictor.out.>"),
    "listen to replies": Listen("lictor.out.*.reply.>"),
    "listen to reply inboxes": Listen("_INBOX_bob.>"),
    "listen to any reply inbox": Listen("*.>"),
    "listen to the record": Listen("lictor.record.>"),
    "listen to the control plane": Listen("lictor.control.>"),
    "listen to the system": Listen("$SYS.>"),
    "listen to JetStream": Listen("$JS.>"),
    "listen to the enforcer's acknowledgements": Listen("_INBOX_enforcer.>"),
    "join the enforcer's queue": Listen("lictor.out.>", "enforcer"),
    "join a principal's queue": Listen("lictor.in.bob.>", "bob"),
    "join a queue of reply inboxes": Listen("_INBOX_bob.>", "_"),
}
"""Every route that is tried; one connection for each."""

GRANTS: Final[dict[str, Permissions]] = {
    "publish into inboxes": replace(permissions_of("mallory"), publish=("lictor.out.mallory.>", "lictor.in.>")),
    "publish as anyone": replace(permissions_of("mallory"), publish=("lictor.out.>",)),
    "publish into reply inboxes": replace(permissions_of("mallory"), publish=("lictor.out.mallory.>", "_INBOX_bob.>")),
    "read inboxes": replace(permissions_of("mallory"), subscribe=("lictor.in.>", "_INBOX_mallory.>")),
    "read everything": replace(permissions_of("mallory"), subscribe=(">",)),
    "command the control plane": replace(
        permissions_of("mallory"), publish=("lictor.out.mallory.>", "lictor.control.>")
    ),
    "use JetStream": replace(permissions_of("mallory"), publish=("lictor.out.mallory.>", "$JS.API.>")),
}
"""Single grants that must each make some attempt succeed: proof that the suite can see."""
