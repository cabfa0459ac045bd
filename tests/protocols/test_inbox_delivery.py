"""One delivery and its answers."""

import pytest

from lictor.protocols.envelope import Packet
from lictor.protocols.errors import MalformedEnvelope
from lictor.protocols.headers import END, read_headers
from lictor.protocols.identifiers import new_id
from lictor.protocols.inbox_delivery import InboxDelivery
from lictor.protocols.subjects import Kind


async def test_what_it_tells_and_how_it_is_answered() -> None:
    sent: list[Packet] = []

    async def publish(packet: Packet) -> None:
        sent.append(packet)

    identifier = new_id()
    headers = {
        "Lictor-Message": identifier,
        "Lictor-Task": "t",
        "Lictor-Hops": "2",
        "Lictor-Deadline": "1500",
        "Lictor-Labels": "secret",
    }
    delivery = InboxDelivery(Packet("lictor.in.writer.a2a.triage", b"{}", reply="back"), headers, publish)
    assert (delivery.kind, delivery.sender, delivery.id) == (Kind.A2A, "triage", identifier)
    assert (delivery.deadline, delivery.labels) == (1.5, "secret")
    assert (delivery.thread.task, delivery.thread.parent, delivery.thread.hops) == ("t", identifier, 3)
    await delivery.answer(b"1", end=False)
    await delivery.answer(b"2")
    assert [packet.body for packet in sent] == [b"1", b"2"]
    assert [read_headers(packet.headers).get(END) for packet in sent] == ["0", None]
    with pytest.raises(MalformedEnvelope, match="was given already"):
        await delivery.answer(b"3")


async def test_nobody_waits_for_an_answer_to_a_notice() -> None:
    async def publish(_: Packet) -> None:
        raise AssertionError("nothing is to be sent")

    delivery = InboxDelivery(Packet("lictor.in.writer.event.enforcer", b""), {}, publish)
    with pytest.raises(MalformedEnvelope, match="nobody waits"):
        await delivery.answer(b"")
