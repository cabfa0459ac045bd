"""The subject grammar: which subject carries what, and nothing else may be built or read.

lictor.out.<principal>.<kind>.<target>            outbox, written by its principal alone
lictor.out.<principal>.reply.<enforcer>.<token>   outbox, an answer to one delivered message
lictor.in.<principal>.<kind>.<sender>             inbox, written by the enforcer alone
_INBOX_<principal>.>                              replies to the principal's own requests
lictor.record.<enforcer>                          verdicts on their way to the recorder
lictor.control.<topic>                            supervisor to enforcers
_INBOX_supervisor.flood                            enforcers to supervisor: this principal floods the bus
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.names import is_name, require_name

OUTBOX_ALL: Final = "lictor.out.>"
RECORD_ALL: Final = "lictor.record.>"
CONTROL_ALL: Final = "lictor.control.>"
CONTROL_LOST: Final = "lictor.control.lost"
FLOODS: Final = "_INBOX_supervisor.flood"
_REPLY_DOTS: Final = 5
_MOST_SUBJECTS: Final = 4096
"""Subjects that are remembered as parsed: a sender may make up as many as it likes."""


class Kind(StrEnum):
    """What a message carries: the wire format of its body is the standard's own."""

    A2A = "a2a"
    """A2A 1.0 JSON-RPC, agent to agent."""
    MCP = "mcp"
    """MCP JSON-RPC, a tool call."""
    MODEL = "model"
    """OpenAI chat-completions JSON."""
    EVENT = "event"
    """A notice; nobody answers."""
    REPLY = "reply"
    """An answer to a delivered message."""


_REQUESTS: Final = {kind.value: kind for kind in (Kind.A2A, Kind.MCP, Kind.MODEL, Kind.EVENT)}


@dataclass(frozen=True, slots=True)
class Outbox:
    """A parsed outbox subject; the broker vouches for `sender`."""

    sender: str
    kind: Kind
    target: str
    """Name of the target; for a reply, the token of the delivered message."""
    enforcer: str = ""
    """For a reply, the enforcer that delivered the message."""


def outbox(sender: str, kind: Kind, target: str) -> str:
    """Return the subject by which `sender` addresses `target`; raises InvalidName."""
    return f"lictor.out.{require_name(sender)}.{kind.value}.{require_name(target)}"


def inbox(target: str, kind: Kind, sender: str) -> str:
    """Return the subject on which `target` receives from `sender`; raises InvalidName."""
    return f"lictor.in.{require_name(target)}.{kind.value}.{require_name(sender)}"


def inbox_all(principal: str) -> str:
    """Return the one subscription of a principal's inbox; raises InvalidName."""
    return f"lictor.in.{require_name(principal)}.>"


def outbox_all(principal: str) -> str:
    """Return everything that a principal may publish; raises InvalidName."""
    return f"lictor.out.{require_name(principal)}.>"


def reply_prefix(principal: str) -> str:
    """Return the prefix of a principal's reply inboxes, without the dot; raises InvalidName."""
    return f"_INBOX_{require_name(principal)}"


def reply_address(answerer: str, enforcer: str, token: str) -> str:
    """Return the outbox subject on which `answerer` answers one delivered message."""
    return f"lictor.out.{answerer}.reply.{enforcer}.{token}"


def replies_to(enforcer: str) -> str:
    """Return the subscription by which one enforcer receives answers to what it delivered."""
    return f"lictor.out.*.reply.{require_name(enforcer)}.*"


def parse_outbox(subject: str) -> Outbox:
    """Read an outbox subject; raises MalformedEnvelope on anything outside the grammar."""
    if subject.count(".") == _REPLY_DOTS:
        before, _, last = subject.rpartition(".")
        sender, enforcer = _parse_reply(before)
        if sender and last.isalnum() and last.isascii():
            return Outbox(sender, Kind.REPLY, last, enforcer)
    else:
        outbox_of = _parse_request(subject)
        if outbox_of is not None:
            return outbox_of
    raise MalformedEnvelope(f"{subject[:120]!r} is not an outbox subject")


@lru_cache(maxsize=_MOST_SUBJECTS)
def _parse_request(subject: str) -> Outbox | None:
    tokens = subject.split(".")
    if len(tokens) == 5 and tokens[0] == "lictor" and tokens[1] == "out":
        kind = _REQUESTS.get(tokens[3])
        if kind is not None and is_name(tokens[2]) and is_name(tokens[4]):
            return Outbox(tokens[2], kind, tokens[4])
    return None


@lru_cache(maxsize=_MOST_SUBJECTS)
def _parse_reply(before: str) -> tuple[str, str]:
    """Return who answers and to which enforcer, from a reply subject without its token; empty when it is none."""
    tokens = before.split(".")
    if len(tokens) == 5 and (tokens[0], tokens[1], tokens[3]) == ("lictor", "out", "reply"):
        sender, enforcer = tokens[2], tokens[4]
        if is_name(sender) and is_name(enforcer):
            return sender, enforcer
    return "", ""
