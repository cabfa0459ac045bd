"""A turn can be taken back to where it was, and no further."""

from record_entries import an_entry

from lictor.protocols.envelope import Packet
from lictor.runtime.enforcer.turn import Turn


def test_what_came_since_is_taken_back() -> None:
    turn = Turn(1.0)
    turn.out.append(Packet("a", b""))
    turn.entries.append(an_entry())
    before = turn.mark()
    turn.out.append(Packet("b", b""))
    turn.entries.append(an_entry())
    turn.undo(before)
    assert [packet.subject for packet in turn.out] == ["a"]
    assert len(turn.entries) == 1
    turn.undo(before)
    assert turn.mark() == before
