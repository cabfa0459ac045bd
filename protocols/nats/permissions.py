"""What each principal may say and hear, as the broker enforces it. Whatever is not named is refused."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lictor.protocols.names import require_name
from lictor.protocols.subjects import CONTROL_ALL, OUTBOX_ALL, RECORD_ALL, inbox_all, outbox_all, reply_prefix


class Part(StrEnum):
    """A trusted part of Lictor; no other principal may bear its name."""

    ENFORCER = "enforcer"
    RECORDER = "recorder"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Permissions:
    """Subjects that may be published and subscribed; a denial beats an allowance."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    publish_never: tuple[str, ...] = ()
    payload: int = -1
    """Most bytes of one message, headers included; -1 for the broker's limit."""
    subscriptions: int = -1
    """Most subscriptions at a time; -1 for any number."""


_LARGEST_PAYLOAD: Final = 2_097_152
"""Twice the largest body, so that a body somewhat too large is refused with a reason and not with a hang-up."""
_MOST_SUBSCRIPTIONS: Final = 16
SYSTEM: Final = "$SYS.>"
REVOKE: Final = "$SYS.REQ.CLAIMS.UPDATE"


def permissions_of(principal: str) -> Permissions:
    """Return the rights of a principal or of a trusted part; raises InvalidName."""
    require_name(principal)
    own_replies = f"{reply_prefix(principal)}.>"
    if principal == Part.ENFORCER:
        return Permissions(
            publish=(">",),
            subscribe=(OUTBOX_ALL, CONTROL_ALL, own_replies),
            publish_never=(OUTBOX_ALL, CONTROL_ALL, SYSTEM),
        )
    if principal == Part.RECORDER:
        return Permissions(publish=(f"{reply_prefix(Part.ENFORCER)}.>",), subscribe=(RECORD_ALL, own_replies))
    if principal == Part.SUPERVISOR:
        return Permissions(publish=(CONTROL_ALL,), subscribe=(own_replies,))
    return Permissions(
        publish=(outbox_all(principal),),
        subscribe=(inbox_all(principal), own_replies),
        payload=_LARGEST_PAYLOAD,
        subscriptions=_MOST_SUBSCRIPTIONS,
    )


def permissions_of_system() -> Permissions:
    """Return the rights of the system account's one user: to replace an account's JWT, by which users are revoked."""
    return Permissions(publish=(REVOKE,), subscribe=(f"{reply_prefix('system')}.>",))
