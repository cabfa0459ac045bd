import msgspec
import pytest
from record_entries import an_entry

from lictor.protocols.record import RecordBatch, pack, unpack


def test_a_batch_is_read_back() -> None:
    batch = RecordBatch("enforcer", 7, (an_entry(), an_entry(body=b"\x00\xff", hops=3)), "i")
    assert unpack(pack(batch)) == batch


@pytest.mark.parametrize("raw", [b"", b"\x00", b"{}", msgspec.msgpack.encode(["enforcer", "seven", []])])
def test_what_is_no_batch_is_refused(raw: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, msgspec.ValidationError)):
        unpack(raw)
