"""Sealing: what redaction took out is kept for those who hold the key, and for nobody else."""

from collections.abc import Sequence
from typing import Final

import msgspec

KEY_BYTES: Final = 32


class SealBroken(Exception):
    """Raised when sealed values cannot be opened: another key, or they were changed."""


def seal(removed: Sequence[tuple[str, str]], key: bytes) -> bytes:
    """Return class and original of every mark, encrypted and authenticated (XSalsa20-Poly1305) under a 32-byte key."""
    from nacl.secret import SecretBox  # noqa: PLC0415 -- libsodium, wanted by few messages

    return bytes(SecretBox(key).encrypt(msgspec.json.encode(list(removed))))


def unseal(sealed: bytes, key: bytes) -> tuple[tuple[str, str], ...]:
    """Return what was sealed; raises SealBroken when the key is another or the bytes were changed."""
    from nacl.exceptions import CryptoError  # noqa: PLC0415 -- as above
    from nacl.secret import SecretBox  # noqa: PLC0415 -- as above

    try:
        plain = SecretBox(key).decrypt(sealed)
        return tuple(msgspec.json.decode(plain, type=list[tuple[str, str]]))
    except (CryptoError, ValueError, msgspec.MsgspecError) as error:
        raise SealBroken(f"the sealed values cannot be opened: {error}") from None
