import base64
import json
from pathlib import Path

import pytest

from lictor.protocols.errors import InvalidName
from lictor.protocols.nats.access import BadCredentials, read_claims, write_blocks
from lictor.protocols.nats.jwt import ACCOUNT, OPERATOR, USER, account_jwt, create_seed, public_key
from lictor.protocols.nats.mesh import NatsMesh
from lictor.runtime.bus.mint import ACCOUNT_BLOCK, SEED_BLOCK, Mint, external_mint, system_access
from lictor.runtime.bus.server import BusServer

URL = "nats://h:4222"


def mint(ttl: float = 86_400.0) -> Mint:
    account = create_seed(ACCOUNT)
    return Mint(URL, public_key(account), account, ttl=ttl, clock=lambda: 1000.0)


def test_every_instance_has_a_key_of_its_own_for_a_day() -> None:
    made = mint()
    one, two = made.access("triage"), made.access("triage")
    assert one.public_key != two.public_key
    assert public_key(one.seed) == one.public_key
    assert (one.url, one.principal, one.expires) == (URL, "triage", 87_400)
    claims = read_claims(one.jwt)
    assert claims["nats"]["pub"] == {"allow": ["lictor.out.triage.>"]}
    assert claims["nats"]["sub"] == {"allow": ["lictor.in.triage.>", "_INBOX_triage.>"]}


def test_a_shorter_life_may_be_asked_and_not_a_longer_one() -> None:
    made = mint(ttl=100.0)
    assert made.access("triage", ttl=5.0).expires == 1005
    assert made.access("triage", ttl=500.0).expires == 1100


def test_a_trusted_part_has_its_rights_by_its_name() -> None:
    claims = read_claims(mint().access("enforcer").jwt)
    assert claims["nats"]["pub"]["deny"] == ["lictor.out.>", "lictor.control.>", "$SYS.>"]


def test_no_credentials_are_made_for_what_is_no_name() -> None:
    for name in ("*", "a.b", ">", ""):
        with pytest.raises(InvalidName):
            mint().access(name)


def test_the_system_user_can_do_one_thing() -> None:
    claims = read_claims(system_access(URL, create_seed(ACCOUNT), now=1000.0).jwt)
    assert claims["nats"]["pub"] == {"allow": ["$SYS.REQ.CLAIMS.UPDATE"]}


def account_file(path: Path, *, signer: str = "", signing_keys: list[str] | None = None) -> tuple[str, str]:
    """Write the file of an account; return its seed and its id."""
    operator, account = create_seed(OPERATOR), create_seed(ACCOUNT)
    jwt = account_jwt(operator, public_key(account), "team", now=1, jetstream=True)
    if signing_keys:
        head, body, tail = jwt.split(".")
        claims = read_claims(jwt)
        claims["nats"]["signing_keys"] = signing_keys
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        jwt = f"{head}.{body}.{tail}"
    write_blocks(path, {ACCOUNT_BLOCK: jwt, SEED_BLOCK: signer or account})
    return account, public_key(account)


def test_an_external_account_mints_from_its_file(tmp_path: Path) -> None:
    _, account = account_file(tmp_path / "team.creds")
    made = external_mint(URL, tmp_path / "team.creds", ttl=60.0)
    assert (made.url, made.account, made.ttl) == (URL, account, 60.0)
    assert read_claims(made.access("triage").jwt)["iss"] == account


def test_a_signing_key_mints_for_its_account(tmp_path: Path) -> None:
    signer = create_seed(ACCOUNT)
    _, account = account_file(tmp_path / "team.creds", signer=signer, signing_keys=[public_key(signer)])
    claims = read_claims(external_mint(URL, tmp_path / "team.creds").access("triage").jwt)
    assert (claims["iss"], claims["nats"]["issuer_account"]) == (public_key(signer), account)


def test_a_file_that_does_not_fit_is_named_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "team.creds"
    with pytest.raises(BadCredentials, match=r"team\.creds: cannot be read"):
        external_mint(URL, path)
    write_blocks(path, {SEED_BLOCK: create_seed(ACCOUNT)})
    with pytest.raises(BadCredentials, match="no block '-----BEGIN NATS ACCOUNT JWT-----'"):
        external_mint(URL, path)
    account_file(path, signer=create_seed(ACCOUNT))
    with pytest.raises(BadCredentials, match=r"neither the account .* nor one of its signing keys"):
        external_mint(URL, path)
    write_blocks(path, {ACCOUNT_BLOCK: "a.b.c", SEED_BLOCK: create_seed(USER)})
    with pytest.raises(BadCredentials, match=r"team\.creds: not a JWT"):
        external_mint(URL, path)


async def test_a_server_takes_what_an_external_mint_makes(tmp_path: Path) -> None:
    server = BusServer(tmp_path / "bus")
    await server.open()
    path = tmp_path / "team.creds"
    write_blocks(path, {ACCOUNT_BLOCK: server.keys.account_jwt(1, {}), SEED_BLOCK: server.keys.account})
    made = external_mint(server.url, path)
    mesh = NatsMesh(lambda: made.access("triage"))
    await mesh.open()
    assert mesh.bound
    await mesh.close()
    await server.close()
