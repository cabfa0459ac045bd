import pytest

from lictor.guardrails.content.sealing import KEY_BYTES, SealBroken, seal, unseal

REMOVED = (("email", "bob@example.com"), ("card", "4111 1111 1111 1111"))


def test_the_key_opens_it() -> None:
    key = bytes(range(KEY_BYTES))
    sealed = seal(REMOVED, key)
    assert b"bob" not in sealed
    assert unseal(sealed, key) == REMOVED


def test_no_other_key_opens_it_and_no_change_passes() -> None:
    key = bytes(range(KEY_BYTES))
    sealed = seal(REMOVED, key)
    for wrong in (bytes(KEY_BYTES), b"short"):
        with pytest.raises(SealBroken):
            unseal(sealed, wrong)
    with pytest.raises(SealBroken):
        unseal(sealed[:-1] + bytes((sealed[-1] ^ 1,)), key)
    with pytest.raises(SealBroken):
        unseal(b"", key)
