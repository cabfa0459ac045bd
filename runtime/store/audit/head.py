"""A head: the audit chain up to one link, signed with the team's audit key."""

from typing import Final

import msgspec
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

_DOMAIN: Final = b"lictor-audit-head-1"


class Head(msgspec.Struct, frozen=True):
    """One signed state of the chain."""

    link: int
    chain: bytes
    at_ms: int
    """Unix time in milliseconds at which it was signed."""
    key: bytes
    """The Ed25519 public key, 32 bytes."""
    signature: bytes

    def holds(self) -> bool:
        """Tell whether the signature is the key's own."""
        try:
            VerifyKey(self.key).verify(_told(self.link, self.chain, self.at_ms), self.signature)
        except (CryptoError, ValueError, TypeError):
            return False
        return True


class AuditKey:
    """The key that signs heads; `seed` is 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        self._key = SigningKey(seed)
        self.public = bytes(self._key.verify_key)

    def __repr__(self) -> str:
        return f"AuditKey({self.public.hex()})"

    def sign(self, link: int, chain: bytes, at: float) -> Head:
        """Return the head of a link; `at` is Unix time in seconds."""
        at_ms = int(at * 1000)
        return Head(link, chain, at_ms, self.public, bytes(self._key.sign(_told(link, chain, at_ms)).signature))


def _told(link: int, chain: bytes, at_ms: int) -> bytes:
    return b"%s\n%d\n%s\n%d\n" % (_DOMAIN, link, chain.hex().encode(), at_ms)
