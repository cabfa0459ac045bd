"""Lineage: from a message's label back to the first byte that brought it, message by message."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from lictor.protocols.identifiers import is_id
from lictor.runtime.store.results import Message

_MOST: Final = 200
"""Messages of one chain: nothing honest comes near, and a broken record must not be followed for ever."""
_PRINCIPAL: Final = re.compile(r"principal (\S+)(?: (\S.*):(\d+))?")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a label begins."""

    principal: str
    """Empty when the chain ends before a principal is found."""
    file: str
    line: int
    why: str
    """Why nothing more is known; empty when the principal is."""


@dataclass(frozen=True, slots=True)
class Chain:
    """How one label came to a message."""

    label: str
    messages: tuple[Message, ...]
    """The messages that brought it on, the latest first, without the one that was asked about."""
    origin: Origin


def trace(message: Message, find: Callable[[str], Message | None]) -> tuple[Chain, ...]:
    """Return a chain for each label of a message; `find` returns a message by its id.

    A chain crosses tasks and instances wherever something outlived them: what an instance or a store keeps names the
    message that brought it.
    """
    return tuple([_follow(label, message, find) for label in labels_of(message)])


def labels_of(message: Message) -> list[str]:
    """Return a message's labels: untrusted and the levels first, since they are asked about most."""
    words = [word for word in message.labels.split(",") if word]
    words += [word for word in causes_of(message) if word not in words]
    first = [word for word in ("untrusted", "secret", "internal") if word in words]
    return [*first, *(word for word in words if word not in first)]


def causes_of(message: Message) -> dict[str, str]:
    """Return what brought each label, as recorded; empty when it cannot be read."""
    try:
        return msgspec.json.decode(message.causes or "{}", type=dict[str, str])
    except msgspec.MsgspecError:
        return {}


def _follow(label: str, message: Message, find: Callable[[str], Message | None]) -> Chain:
    found: list[Message] = []
    origin = Origin("", "", 0, "more messages than are followed")
    steps = _steps(label, message, find)
    for step in steps:
        if isinstance(step, Origin):
            origin = step
            break
        found.append(step)
        if len(found) >= _MOST:
            break
    return Chain(label, tuple(found), origin)


def _steps(label: str, message: Message, find: Callable[[str], Message | None]) -> Iterator[Message | Origin]:
    seen = {message.id}
    while True:
        cause = causes_of(message).get(label, "")
        if begins := _PRINCIPAL.fullmatch(cause):
            yield Origin(begins[1], begins[2] or "", int(begins[3] or 0), "")
            return
        if not is_id(cause):
            yield Origin("", "", 0, cause or "no cause was recorded")
            return
        if cause in seen:
            why = f"a rule gave it to {cause}" if cause == message.id else f"message {cause} is its own cause"
            yield Origin("", "", 0, why)
            return
        seen.add(cause)
        before = find(cause)
        if before is None:
            yield Origin("", "", 0, f"message {cause} is not on record")
            return
        message = before
        yield message
