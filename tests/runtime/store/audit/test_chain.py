"""The chain, made again from docs/audit.md alone, so that others can."""

import struct
from hashlib import sha256

from record_entries import a_denial, an_approval, an_entry

from lictor.runtime.store.audit.chain import COLUMNS, GENESIS, hash_value, link_approval, link_hashed, link_message
from lictor.runtime.store.rows import approval_row, message_row, verdict_row


def pack(value: object) -> bytes:
    """Pack as MessagePack's specification says: the shortest form of everything, floats in 64 bits."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, int):
        assert value >= 0
        if value < 128:
            return bytes([value])
        for first, form, most in ((0xCC, ">B", 2**8), (0xCD, ">H", 2**16), (0xCE, ">I", 2**32), (0xCF, ">Q", 2**64)):
            if value < most:
                return bytes([first]) + struct.pack(form, value)
    if isinstance(value, str):
        raw = value.encode()
        if len(raw) < 32:
            return bytes([0xA0 | len(raw)]) + raw
        return (b"\xd9" + bytes([len(raw)]) if len(raw) < 256 else b"\xda" + struct.pack(">H", len(raw))) + raw
    if isinstance(value, bytes):
        return (b"\xc4" + bytes([len(value)]) if len(value) < 256 else b"\xc5" + struct.pack(">H", len(value))) + value
    assert isinstance(value, list | tuple)
    head = bytes([0x90 | len(value)]) if len(value) < 16 else b"\xdc" + struct.pack(">H", len(value))
    return head + b"".join(pack(each) for each in value)


def test_a_message_is_hashed_as_the_page_says() -> None:
    entry = an_entry(body=b"\xff" * 300, sealed=b"s", hops=70_000, at=1_790_000_000.25, labels="é" * 200)
    row = message_row(3, entry)
    verdicts = [verdict_row(3, n, each) for n, each in enumerate(a_denial("no", facts=b"{}" * 200, line=300))]
    told = [
        sha256(value).digest() if name in {"body", "sealed"} else value
        for name, value in zip(COLUMNS["message"], row, strict=True)
    ]
    expected = sha256(GENESIS + pack(["message", 9, told, verdicts])).digest()
    assert link_message(GENESIS, 9, row, verdicts) == expected == link_hashed(GENESIS, "message", 9, told, verdicts)


def test_an_approval_is_hashed_as_the_page_says() -> None:
    row = approval_row(an_approval(), "enforcer", "i1")
    told = [
        sha256(value).digest() if name == "arguments" else value
        for name, value in zip(COLUMNS["approval"], row, strict=True)
    ]
    expected = sha256(b"p" * 32 + pack(["approval", 200, told, []])).digest()
    assert link_approval(b"p" * 32, 200, row) == expected


def test_no_value_has_the_hash_of_nothing() -> None:
    assert hash_value(b"") == sha256(b"").digest()
