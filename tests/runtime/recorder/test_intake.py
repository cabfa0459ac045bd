import threading

from lictor.protocols.envelope import Packet
from lictor.runtime.recorder.intake import Intake


def a_packet(body: bytes) -> Packet:
    return Packet("lictor.record.enforcer", body, b"", "_INBOX_enforcer.record")


def test_everything_that_has_arrived_is_taken_at_once_in_order() -> None:
    intake = Intake()
    packets = [a_packet(b"%d" % n) for n in range(5)]
    assert all(intake.put(packet) for packet in packets)
    assert intake.take() == packets


def test_a_group_is_bounded_but_one_big_packet_is_still_taken() -> None:
    intake = Intake(at_once=10)
    for body in (b"x" * 50, b"a" * 6, b"b" * 6):
        intake.put(a_packet(body))
    assert [[packet.body[:1] for packet in intake.take()] for _ in range(3)] == [[b"x"], [b"a"], [b"b"]]


def test_beyond_its_room_nothing_is_taken_until_there_is_room_again() -> None:
    intake = Intake(most_bytes=10)
    assert intake.put(a_packet(b"x" * 50))
    assert not intake.put(a_packet(b"y"))
    intake.take()
    assert intake.put(a_packet(b"y"))


def test_closing_wakes_who_waits_and_leaves_what_is_there() -> None:
    intake = Intake()
    taken: list[list[Packet]] = []

    def drain() -> None:
        while packets := intake.take():
            taken.append(packets)

    thread = threading.Thread(target=drain)
    thread.start()
    intake.put(a_packet(b"1"))
    intake.close()
    thread.join(10)
    assert not thread.is_alive()
    assert [packet.body for packets in taken for packet in packets] == [b"1"]
    assert not intake.put(a_packet(b"2"))
