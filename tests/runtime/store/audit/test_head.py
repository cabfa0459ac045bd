from audited_record import KEY, OTHER_KEY
from msgspec.structs import replace
from nacl.signing import VerifyKey

from lictor.runtime.store.audit.head import AuditKey


def test_a_head_holds_until_anything_of_it_is_changed() -> None:
    head = KEY.sign(7, b"c" * 32, 1.5)
    assert head.holds()
    assert head.at_ms == 1500
    for other in (
        replace(head, link=8),
        replace(head, chain=b"d" * 32),
        replace(head, at_ms=1501),
        replace(head, key=OTHER_KEY.public),
        replace(head, key=b"short"),
        replace(head, signature=head.signature[:-1]),
        replace(head, signature=bytes(64)),
        replace(head, signature=OTHER_KEY.sign(7, b"c" * 32, 1.5).signature),
    ):
        assert not other.holds()


def test_what_is_signed_is_text_that_anyone_can_write() -> None:
    head = KEY.sign(7, b"\x0a" * 32, 1.5)
    VerifyKey(head.key).verify(b"lictor-audit-head-1\n7\n" + b"0a" * 32 + b"\n1500\n", head.signature)


def test_a_key_does_not_show_its_seed() -> None:
    assert repr(AuditKey(b"\x01" * 32)) == f"AuditKey({AuditKey(bytes([1] * 32)).public.hex()})"
