"""Words for the playbook on what waits for a person: notices, acts of operators, and what the record is told."""

import json
from collections.abc import Callable
from typing import Any

from playbook import NOTHING, Check, Playbook, answered, call, says, waits

from lictor.guardrails.approvals.table import ApprovalTable
from lictor.protocols import headers as names
from lictor.protocols.envelope import Packet
from lictor.protocols.headers import read_headers
from lictor.protocols.held import HeldNotice
from lictor.protocols.identifiers import new_id
from lictor.protocols.record import ApprovalEntry, unpack

EXPORT = call("export", table="customers", rows=10)


def held(target: str, *, over: bool = False) -> Check:
    """Expect the notice that something waits, or waits no longer, in the target's reply inbox."""
    return waits(target, over=over)


def notice_in(packet: Packet) -> HeldNotice:
    """Return the notice in a packet."""
    return HeldNotice.read(read_headers(packet.headers)[names.HELD])


def approvals(play: Playbook) -> list[ApprovalEntry]:
    """Return every state that was recorded, in order."""
    return [entry for packet in play.batches for entry in unpack(packet.body).approvals]


def states(play: Playbook) -> list[str]:
    """Return the words for them."""
    return [entry.state for entry in approvals(play)]


def table(play: Playbook) -> ApprovalTable:
    """Return what waits."""
    assert play.core.holding is not None
    return play.core.holding.table


def with_deadline(seconds: float, play: Playbook) -> dict[str, str]:
    """Return the header of a deadline so many seconds from now."""
    return {names.DEADLINE: str(int((play.now + seconds) * 1000))}


def ask_for(play: Playbook, body: bytes = EXPORT, reply: str = "_INBOX_triage.one.1") -> HeldNotice:
    """Have triage call a tool that is to be asked for; its task's owner waits with it."""
    play >> says("triage", "tool-crm", body, reply=reply, headers=with_deadline(30, play)) << held("triage")
    notice = notice_in(play.last)
    play << held("op-cli")
    return notice


def act(play: Playbook, operation: str, by: str = "op-boss", **arguments: Any) -> Callable[[], dict[str, Any]]:
    """Have an operator act; the answer comes last, after what follows from the act."""
    play.after(0.01)
    play >> says(by, "enforcer", call(operation, **arguments), kind="mcp", task=new_id(play.now))

    def answer() -> dict[str, Any]:
        play << answered(by)
        play << NOTHING
        result: dict[str, Any] = json.loads(play.last.body)["result"]["structuredContent"]
        return result

    return answer


def approve(play: Playbook, notice: HeldNotice, by: str = "op-boss", **more: Any) -> Callable[[], dict[str, Any]]:
    """Have an operator approve what a notice tells of."""
    return act(play, "approvals.approve", by, id=notice.approval, digest=notice.digest, **more)
