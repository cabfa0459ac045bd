"""Mediation as a conversation: `play >> packet in << what must come out`, with a clock and a record of its own.

play = Playbook()
play >> says("op-cli", "triage", task="t") << delivered("triage")
play >> answers(play.last) << answered("op-cli")
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from lictor.protocols import headers as names
from lictor.protocols.envelope import Packet
from lictor.protocols.headers import read_headers, write_headers
from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import is_id, new_id
from lictor.protocols.record import MessageEntry, unpack
from lictor.runtime.definition.plan import AgentPlan, Budget, Place, Plan, Supervise
from lictor.runtime.enforcer.build import build_mediation
from lictor.runtime.enforcer.mediation import Mediation

START = 1_800_000_000.0


def task_id(word: str) -> str:
    """Return the id of a task that is made at the start, for a word that tells it from others."""
    return new_id(START)[:12] + hashlib.sha256(word.encode()).hexdigest()[:20]


TASK = task_id("task-1")
A2A = b'{"jsonrpc":"2.0","id":"1","method":"SendMessage","params":{}}'
MODEL = b'{"messages":[]}'
RESULT = b'{"jsonrpc":"2.0","id":"1","result":{}}'

Check = Callable[[Packet], str]
"""Returns what is wrong with a packet; nothing when it is the one that is expected."""


def call(tool: str, **arguments: object) -> bytes:
    """Return the body of a tool call."""
    params = {"name": tool, "arguments": arguments}
    return json.dumps({"jsonrpc": "2.0", "id": "1", "method": "tools/call", "params": params}).encode()


LIST = b'{"jsonrpc":"2.0","id":"1","method":"tools/list"}'


def listing(**tools: bool | None) -> bytes:
    """Return an answer to `tools/list`; for each tool, its readOnlyHint."""
    listed = [
        {"name": name} | ({} if hint is None else {"annotations": {"readOnlyHint": hint}})
        for name, hint in tools.items()
    ]
    return json.dumps({"jsonrpc": "2.0", "id": "1", "result": {"tools": listed}}).encode()


_KINDS = {"tool": "mcp", "model": "model"}
_BODIES = {"a2a": A2A, "mcp": LIST, "model": MODEL, "event": b"{}"}


@dataclass(frozen=True)
class Say:
    """A packet to be, whose id carries the time at which it is played."""

    sender: str
    target: str
    kind: str
    body: bytes
    headers: Mapping[str, str]
    reply: str

    def packet(self, now: float) -> Packet:
        """Return the packet as it is sent at that time."""
        block = write_headers({names.MESSAGE: new_id(now), **self.headers})
        return Packet(f"lictor.out.{self.sender}.{self.kind}.{self.target}", self.body, block, self.reply)


def says(
    sender: str,
    target: str,
    body: bytes | None = None,
    *,
    kind: str = "",
    task: str = TASK,
    reply: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Say:
    """Return a request; its kind is what the target's name tells, its body the least that the kind allows."""
    kind = kind or _KINDS.get(target.split("-", maxsplit=1)[0], "a2a")
    chosen = {names.TASK: task if is_id(task) else task_id(task)} if task else {}
    return Say(
        sender,
        target,
        kind,
        _BODIES.get(kind, A2A) if body is None else body,
        {**chosen, **(headers or {})},
        f"_INBOX_{sender}.one.1" if reply is None else reply,
    )


@dataclass(frozen=True)
class Answer:
    """An answer to a delivered packet."""

    to: Packet
    body: bytes
    headers: Mapping[str, str]
    by: str

    def packet(self, now: float) -> Packet:
        """Return the packet as it is sent at that time."""
        subject = self.to.reply
        if self.by:
            tokens = subject.split(".")
            tokens[2] = self.by
            subject = ".".join(tokens)
        return Packet(subject, self.body, write_headers({names.MESSAGE: new_id(now), **self.headers}))


def answers(
    to: Packet, body: bytes = RESULT, *, end: bool = True, by: str = "", headers: Mapping[str, str] | None = None
) -> Answer:
    """Return an answer; `by` is who sends it when that is not the one who was asked."""
    return Answer(to, body, {**({} if end else {names.END: "0"}), **(headers or {})}, by)


def delivered(target: str, **wanted: str) -> Check:
    """Expect a delivery to the target's inbox; `wanted` are headers, `_` for `-`, and `sender`."""

    def check(packet: Packet) -> str:
        tokens = packet.subject.split(".")
        if tokens[:3] != ["lictor", "in", target]:
            return f"it went to {packet.subject}"
        if "sender" in wanted and tokens[4] != wanted["sender"]:
            return f"it came from {tokens[4]}"
        return _headers_differ(packet, {k: v for k, v in wanted.items() if k != "sender"})

    return check


def answered(target: str, body: bytes | None = None, **wanted: str) -> Check:
    """Expect an answer in the target's reply inbox that was not refused."""

    def check(packet: Packet) -> str:
        if not packet.subject.startswith(f"_INBOX_{target}."):
            return f"it went to {packet.subject}"
        headers = read_headers(packet.headers)
        if names.REFUSED in headers or names.LOST in headers:
            return f"it says {headers}"
        if body is not None and packet.body != body:
            return f"its body is {packet.body[:200]!r}"
        return _headers_differ(packet, wanted)

    return check


def refused(target: str, code: str, reason: str = "", **wanted: object) -> Check:
    """Expect a refusal in the target's reply inbox; `wanted` are fields of the refusal."""

    def check(packet: Packet) -> str:
        if not packet.subject.startswith(f"_INBOX_{target}."):
            return f"it went to {packet.subject}"
        said = read_headers(packet.headers).get(names.REFUSED)
        if said is None:
            return f"it is no refusal: {packet.headers!r}"
        refusal = json.loads(said)
        if refusal["code"] != code or reason not in refusal["reason"]:
            return f"it says {refusal['code']}: {refusal['reason']}"
        wrong = {key: refusal.get(key) for key, value in wanted.items() if refusal.get(key) != value}
        return f"it says {wrong}" if wrong else ""

    return check


def waits(target: str, code: str = "", reason: str = "", *, over: bool = False) -> Check:
    """Expect the notice in the target's reply inbox that something waits for an approval, or waits no longer."""

    def check(packet: Packet) -> str:
        if not packet.subject.startswith(f"_INBOX_{target}."):
            return f"it went to {packet.subject}"
        said = read_headers(packet.headers).get(names.HELD)
        if said is None:
            return f"it is no notice: {packet.headers!r}"
        notice = HeldNotice.read(said)
        if notice.over is not over or code not in notice.code or reason not in notice.reason:
            return f"it says {notice}"
        return ""

    return check


def lost(target: str, gone: str) -> Check:
    """Expect the notice that somebody is gone, in the reply inbox of the target or as an event in its inbox."""

    def check(packet: Packet) -> str:
        if not packet.subject.startswith((f"_INBOX_{target}.", f"lictor.in.{target}.event.enforcer")):
            return f"it went to {packet.subject}"
        return _headers_differ(packet, {"Lictor_Lost": gone})

    return check


def _headers_differ(packet: Packet, wanted: Mapping[str, str]) -> str:
    headers = read_headers(packet.headers)
    wrong = {
        k: headers.get(k.replace("_", "-")) for k, v in wanted.items() if headers.get(k.replace("_", "-"), "") != v
    }
    return f"its headers say {wrong}" if wrong else ""


class Nothing:
    """Expects that nothing comes out."""


NOTHING = Nothing()


@dataclass
class Playbook:
    """Plays packets to a mediation; everything that comes out must be named before the next packet goes in."""

    mediation: Mediation | None = None
    now: float = START
    acknowledging: bool = True
    entries: list[MessageEntry] = field(default_factory=list)
    batches: list[Packet] = field(default_factory=list)
    out: list[Packet] = field(default_factory=list)
    last: Packet = field(default_factory=lambda: Packet("", b""))
    """The packet that was named last."""

    def __post_init__(self) -> None:
        if self.mediation is None:
            self.mediation = build_mediation(team(), clock=lambda: self.now)
        self.mediation.restore(())

    @property
    def core(self) -> Mediation:
        """Return the mediation."""
        assert self.mediation is not None
        return self.mediation

    @property
    def entry(self) -> MessageEntry:
        """Return the entry that was recorded last."""
        return self.entries[-1]

    def __rshift__(self, said: Say | Answer | Packet | Sequence[Say | Answer | Packet]) -> Self:
        several = said if isinstance(said, Sequence) else (said,)
        return self.take(self.core.receive_all([s if isinstance(s, Packet) else s.packet(self.now) for s in several]))

    def __lshift__(self, expected: Check | Nothing) -> Self:
        if isinstance(expected, Nothing):
            assert not self.out, f"nothing was expected, but there is {self.out}"
            return self
        assert self.out, "something was expected, but nothing came out"
        self.last = self.out.pop(0)
        wrong = expected(self.last)
        assert not wrong, wrong
        return self

    def take(self, packets: Sequence[Packet]) -> Self:
        """Take what the mediation gives: records come first and are kept, the rest must be named."""
        assert not self.out, f"nobody named {self.out}"
        records = [packet for packet in packets if packet.subject.startswith("lictor.record.")]
        assert list(packets[: len(records)]) == records, "a record must come before what it covers"
        self.out = list(packets[len(records) :])
        self.batches += records
        for packet in records:
            batch = unpack(packet.body)
            self.entries.extend(batch.entries)
            if self.acknowledging:
                assert packet.reply == self.core.record_reply
                assert not self.core.acknowledge([Packet(packet.reply, str(batch.sequence).encode())])
        return self

    def after(self, seconds: float) -> Self:
        """Let time pass."""
        self.now += seconds
        return self


def team(**changes: Any) -> Plan:
    """Return a desk: triage may message writer and call tool-crm, writer may ask model-small; triage is exposed."""
    plan = Plan(
        file=Path("desk.yaml"),
        folder=Path(),
        nats="embedded",
        nats_credentials=None,
        store="sqlite://",
        agents=(agent("triage", 2), agent("writer", 8), agent("clerk", 12)),
        tools=(),
        models=(),
        policies=(),
        policy_data=team_data(),
        rate=(1000, 1.0),
    )
    return replace(plan, **changes)


def agent(name: str, line: int, **budget: Any) -> AgentPlan:
    """Return one agent's plan; of it, the enforcer reads the name, the budget and the place."""
    return AgentPlan(
        name=name,
        description="",
        prompt="x",
        graph="",
        route="model",
        models=(),
        delegates=(),
        tools=(),
        expose=(),
        output=None,
        budget=Budget(**budget),
        supervise=Supervise(),
        timeout=60.0,
        retries=0,
        folder=Path(),
        place=Place("desk.yaml", line),
    )


_PROMPTED: dict[str, Any] = {"isolated": True, "clearance": "internal", "emits": []}
"""Of an agent with a prompt: it keeps nothing between tasks."""


def team_data() -> dict[str, Any]:
    """Return `data.lictor.team` of the desk."""
    roles = {
        "triage": "agent",
        "writer": "agent",
        "clerk": "agent",
        "tool-crm": "tool",
        "model-small": "model",
    }
    lines = {"triage": 2, "writer": 8, "clerk": 12, "tool-crm": 20, "model-small": 24}
    return {
        "principals": {n: {"role": role, "file": "desk.yaml", "line": lines[n]} for n, role in roles.items()},
        "edges": {
            "triage": {
                "writer": {"kind": "a2a", "file": "desk.yaml", "line": 4},
                "tool-crm": {"kind": "mcp", "file": "desk.yaml", "line": 5},
            },
            "writer": {
                "model-small": {"kind": "model", "file": "desk.yaml", "line": 9},
                "triage": {"kind": "a2a", "file": "desk.yaml", "line": 10},
            },
        },
        "agents": {
            "triage": {"delegates": ["writer"], "delegates_line": 4, "file": "desk.yaml", "line": 2} | _PROMPTED,
            "writer": {"delegates": ["triage"], "delegates_line": 10, "file": "desk.yaml", "line": 8} | _PROMPTED,
            "clerk": {"delegates": [], "delegates_line": 0, "file": "desk.yaml", "line": 12} | _PROMPTED,
        },
        "permits": {
            "triage": {
                "tool-crm": {
                    "allow": ["find_*"],
                    "ask": ["export"],
                    "deny": ["find_secret"],
                    "otherwise": "read-only",
                    "file": "desk.yaml",
                    "line": 6,
                }
            }
        },
        "tools": {"tool-crm": {"kind": "mcp-stdio", "labels": [], "remote": False, "clearance": "secret", "line": 20}},
        "models": {"model-small": {"name": "small", "remote": False, "clearance": "secret", "line": 24}},
        "features": [],
        "exposed": ["triage"],
    }


def started(play: Playbook) -> Packet:
    """Let the operator ask triage within TASK; return what triage got."""
    play >> says("op-cli", "triage") << delivered("triage")
    return play.last
