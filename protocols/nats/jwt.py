"""NATS JWTs and the keys that sign them: operator, account and user, as `nsc` would make them."""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any, Final

import nkeys

from lictor.protocols.nats.access import BadCredentials
from lictor.protocols.nats.permissions import Permissions

OPERATOR: Final = int(nkeys.PREFIX_BYTE_OPERATOR)
ACCOUNT: Final = int(nkeys.PREFIX_BYTE_ACCOUNT)
USER: Final = int(nkeys.PREFIX_BYTE_USER)

_HEADER: Final = {"typ": "JWT", "alg": "ed25519-nkey"}
_NO_LIMIT: Final = -1


def create_seed(kind: int) -> str:
    """Return the seed of a fresh key; `kind` is OPERATOR, ACCOUNT or USER."""
    return bytes(nkeys.encode_seed(os.urandom(32), prefix=kind)).decode()


def public_key(seed: str) -> str:
    """Return the public key of a seed; raises BadCredentials when it is none."""
    return bytes(_pair(seed).public_key).decode()


def sign(seed: str, text: bytes) -> bytes:
    """Return the raw signature of `text`; raises BadCredentials when the seed is none."""
    return bytes(_pair(seed).sign(text))


def operator_jwt(seed: str, *, system_account: str, now: float) -> str:
    """Return the operator's JWT, signed by itself."""
    key = public_key(seed)
    claims = {"type": "operator", "version": 2, "system_account": system_account}
    return _encode(seed, key, "lictor", claims, now=now)


def account_jwt(
    operator_seed: str,
    account: str,
    name: str,
    *,
    now: float,
    jetstream: bool,
    revocations: Mapping[str, int] | None = None,
) -> str:
    """Return an account's JWT: nothing imported or exported, JetStream on or off.

    `revocations` maps a user's public key to the Unix time before which its JWTs are void.
    """
    storage = _NO_LIMIT if jetstream else 0
    limits = {
        "subs": _NO_LIMIT,
        "data": _NO_LIMIT,
        "payload": _NO_LIMIT,
        "imports": 0,
        "exports": 0,
        "wildcards": False,
        "conn": _NO_LIMIT,
        "leaf": 0,
        "mem_storage": storage,
        "disk_storage": storage,
        "streams": storage,
        "consumer": storage,
    }
    claims: dict[str, Any] = {"type": "account", "version": 2, "limits": limits}
    if revocations:
        claims["revocations"] = dict(revocations)
    return _encode(operator_seed, account, name, claims, now=now)


def user_jwt(
    signing_seed: str,
    account: str,
    user: str,
    name: str,
    permissions: Permissions,
    *,
    now: float,
    expires: float = 0.0,
) -> str:
    """Return a user's JWT with its permissions; `expires` is a Unix time in seconds, 0 for never.

    `signing_seed` is the account's own key or one of its signing keys.
    """
    publish: dict[str, list[str]] = {"allow": list(permissions.publish)}
    if permissions.publish_never:
        publish["deny"] = list(permissions.publish_never)
    claims: dict[str, Any] = {
        "type": "user",
        "version": 2,
        "pub": publish,
        "sub": {"allow": list(permissions.subscribe)},
        "subs": permissions.subscriptions,
        "data": _NO_LIMIT,
        "payload": permissions.payload,
        "allowed_connection_types": ["STANDARD"],
    }
    if public_key(signing_seed) != account:
        claims["issuer_account"] = account
    return _encode(signing_seed, user, name, claims, now=now, expires=expires)


def _pair(seed: str) -> nkeys.KeyPair:
    try:
        return nkeys.from_seed(bytearray(seed, "ascii"))
    except (nkeys.NkeysError, ValueError):
        raise BadCredentials("not an NKey seed") from None


def _encode(seed: str, subject: str, name: str, claims: dict[str, Any], *, now: float, expires: float = 0.0) -> str:
    body: dict[str, Any] = {
        "iat": int(now),
        "iss": public_key(seed),
        "name": name,
        "sub": subject,
        "nats": claims,
    }
    if expires:
        body["exp"] = int(expires)
    body["jti"] = base64.b32encode(hashlib.sha256(_json(body) + os.urandom(8)).digest()).decode().rstrip("=")
    signed = f"{_base64(_json(_HEADER))}.{_base64(_json(body))}"
    return f"{signed}.{_base64(sign(seed, signed.encode()))}"


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
