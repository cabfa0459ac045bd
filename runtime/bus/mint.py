"""The mint: makes the credentials of every principal, each for one instance and for a limited time."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lictor.protocols.nats.access import BadCredentials, BusAccess, read_blocks, read_claims
from lictor.protocols.nats.jwt import USER, create_seed, public_key, user_jwt
from lictor.protocols.nats.permissions import permissions_of, permissions_of_system

DAY: Final = 86_400.0
ACCOUNT_BLOCK: Final = "NATS ACCOUNT JWT"
SEED_BLOCK: Final = "ACCOUNT NKEY SEED"


class Mint:
    """Signs credentials with an account's key; `ttl` is how long each is good for, in seconds."""

    def __init__(
        self, url: str, account: str, signing_seed: str, *, ttl: float = DAY, clock: Callable[[], float] = time.time
    ) -> None:
        self.url = url
        self.account = account
        self.ttl = ttl
        self._seed = signing_seed
        self._clock = clock

    def access(self, principal: str, *, ttl: float | None = None) -> BusAccess:
        """Return fresh credentials for one instance of a principal, with the rights of its name; raises InvalidName.

        `ttl` may make them good for less time than the mint's, never for more.
        The names `enforcer`, `recorder` and `supervisor` carry the rights of the trusted parts.
        """
        permissions = permissions_of(principal)
        seed, now = create_seed(USER), self._clock()
        expires = now + (self.ttl if ttl is None else min(ttl, self.ttl))
        user = public_key(seed)
        jwt = user_jwt(self._seed, self.account, user, principal, permissions, now=now, expires=expires)
        return BusAccess(self.url, principal, jwt, seed)


def external_mint(url: str, path: Path, *, ttl: float = DAY) -> Mint:
    """Return the mint for a server that Lictor does not run.

    The file holds the account's JWT and the seed of the account or of one of its signing keys, in the blocks
    `BEGIN NATS ACCOUNT JWT` and `BEGIN ACCOUNT NKEY SEED`. Raises BadCredentials naming the file.
    """
    blocks = read_blocks(path)
    for title in (ACCOUNT_BLOCK, SEED_BLOCK):
        if title not in blocks:
            raise BadCredentials(f"{path}: there is no block '-----BEGIN {title}-----' in it")
    try:
        claims = read_claims(blocks[ACCOUNT_BLOCK])
        signer = public_key(blocks[SEED_BLOCK])
    except BadCredentials as error:
        raise BadCredentials(f"{path}: {error}") from None
    account = str(claims["sub"])
    body = claims.get("nats")
    keys = body.get("signing_keys", []) if isinstance(body, dict) else []
    if signer != account and signer not in keys:
        raise BadCredentials(
            f"{path}: the seed belongs to {signer}, which is neither the account {account} nor one of its signing keys"
        )
    return Mint(url, account, blocks[SEED_BLOCK], ttl=ttl)


def system_access(url: str, system_seed: str, *, now: float, ttl: float = DAY) -> BusAccess:
    """Return credentials of the system account that can do one thing: replace an account's JWT."""
    seed = create_seed(USER)
    jwt = user_jwt(
        system_seed,
        public_key(system_seed),
        public_key(seed),
        "system",
        permissions_of_system(),
        now=now,
        expires=now + ttl,
    )
    return BusAccess(url, "system", jwt, seed)
