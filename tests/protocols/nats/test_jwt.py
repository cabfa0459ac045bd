"""JWTs and keys: what they say, and that their signatures hold. That a server takes them is tested with one."""

import base64
import json

import nkeys
import pytest

from lictor.protocols.nats.access import BadCredentials, read_claims
from lictor.protocols.nats.jwt import (
    ACCOUNT,
    OPERATOR,
    USER,
    account_jwt,
    create_seed,
    operator_jwt,
    public_key,
    sign,
    user_jwt,
)
from lictor.protocols.nats.permissions import Permissions


def signed_by(jwt: str, seed: str) -> bool:
    text, _, signature = jwt.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    return bool(nkeys.from_seed(bytearray(seed, "ascii")).verify(text.encode(), raw))


@pytest.mark.parametrize(("kind", "letter"), [(OPERATOR, "O"), (ACCOUNT, "A"), (USER, "U")])
def test_a_key_tells_its_kind(kind: int, letter: str) -> None:
    seed = create_seed(kind)
    assert seed.startswith(f"S{letter}")
    assert public_key(seed).startswith(letter)
    assert create_seed(kind) != seed


def test_what_is_no_seed_is_refused() -> None:
    for text in ("", "SUX", "x" * 58, public_key(create_seed(USER))):
        with pytest.raises(BadCredentials, match="not an NKey seed"):
            sign(text, b"x")


def test_an_operator_signs_itself_and_names_the_system_account() -> None:
    seed, system = create_seed(OPERATOR), public_key(create_seed(ACCOUNT))
    jwt = operator_jwt(seed, system_account=system, now=1000.7)
    claims = read_claims(jwt)
    assert signed_by(jwt, seed)
    assert (claims["sub"], claims["iss"], claims["iat"]) == (public_key(seed), public_key(seed), 1000)
    assert claims["nats"] == {"type": "operator", "version": 2, "system_account": system}
    assert json.loads(base64.urlsafe_b64decode(jwt.split(".")[0] + "==")) == {"typ": "JWT", "alg": "ed25519-nkey"}


def test_an_account_imports_and_exports_nothing() -> None:
    operator, account = create_seed(OPERATOR), public_key(create_seed(ACCOUNT))
    jwt = account_jwt(operator, account, "team", now=1, jetstream=True, revocations={"U1": 5})
    claims = read_claims(jwt)
    limits = claims["nats"]["limits"]
    assert signed_by(jwt, operator)
    assert claims["sub"] == account
    assert (limits["imports"], limits["exports"], limits["leaf"]) == (0, 0, 0)
    assert limits["disk_storage"] == -1
    assert claims["nats"]["revocations"] == {"U1": 5}
    without = read_claims(account_jwt(operator, account, "team", now=1, jetstream=False))["nats"]
    assert without["limits"]["disk_storage"] == 0
    assert "revocations" not in without


def test_a_user_has_its_permissions_and_its_end() -> None:
    account, user = create_seed(ACCOUNT), public_key(create_seed(USER))
    rights = Permissions(publish=("a.>",), subscribe=("b.>", "c"), publish_never=("a.x",), payload=10, subscriptions=2)
    jwt = user_jwt(account, public_key(account), user, "triage", rights, now=1, expires=60.9)
    claims = read_claims(jwt)
    assert signed_by(jwt, account)
    assert (claims["name"], claims["sub"], claims["exp"]) == ("triage", user, 60)
    assert claims["nats"] == {
        "type": "user",
        "version": 2,
        "pub": {"allow": ["a.>"], "deny": ["a.x"]},
        "sub": {"allow": ["b.>", "c"]},
        "subs": 2,
        "data": -1,
        "payload": 10,
        "allowed_connection_types": ["STANDARD"],
    }
    assert "exp" not in read_claims(user_jwt(account, public_key(account), user, "x", rights, now=1))


def test_a_signing_key_names_the_account_that_it_signs_for() -> None:
    account, signer = public_key(create_seed(ACCOUNT)), create_seed(ACCOUNT)
    claims = read_claims(user_jwt(signer, account, "U", "x", Permissions((), ()), now=1))
    assert claims["nats"]["issuer_account"] == account
    assert claims["iss"] == public_key(signer)
