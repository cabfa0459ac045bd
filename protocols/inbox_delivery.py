"""A message that arrived in an inbox, and the answer to it."""

from collections.abc import Awaitable, Callable
from typing import Final

from lictor.protocols import headers as names
from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.identifiers import new_id
from lictor.protocols.mesh import Thread
from lictor.protocols.subjects import Kind

_JSON: Final = "application/json"

Publish = Callable[[Packet], Awaitable[None]]
"""Hands one packet to the bus; raises MeshUnavailable."""


class InboxDelivery:
    """A `Delivery`: a message that the enforcer let through to this principal's inbox."""

    __slots__ = ("_answered", "_publish", "_reply", "body", "deadline", "id", "kind", "labels", "sender", "thread")

    def __init__(self, packet: Packet, headers: dict[str, str], publish: Publish) -> None:
        words = packet.subject.split(".")
        self.kind = Kind(words[3])
        self.sender = words[4]
        self.id = headers.get(names.MESSAGE, "")
        self.body = packet.body
        self.labels = headers.get(names.LABELS, "")
        self.deadline = int(headers.get(names.DEADLINE, "0")) / 1000
        self.thread = Thread(
            task=headers.get(names.TASK, ""),
            context=headers.get(names.CONTEXT, ""),
            parent=self.id,
            step=headers.get(names.STEP, ""),
            hops=int(headers.get(names.HOPS, "0")) + 1,
            trace=headers.get(names.TRACE, ""),
        )
        self._reply = packet.reply
        self._publish = publish
        self._answered = False

    async def answer(self, body: bytes, *, end: bool = True, content_type: str = _JSON) -> None:
        """Send one answer, or one part of a stream when `end` is false.

        Raises MeshUnavailable; MalformedEnvelope when nobody waits for an answer, when the last was given already,
        or when the body is too large.
        """
        if not self._reply:
            raise MalformedEnvelope("nobody waits for an answer to this message")
        if self._answered:
            raise MalformedEnvelope("the last answer to this message was given already")
        headers = {names.MESSAGE: new_id(), names.CONTENT_TYPE: content_type}
        if not end:
            headers[names.END] = "0"
        await self._publish(Packet(self._reply, body, names.write_headers(headers)))
        self._answered = end
