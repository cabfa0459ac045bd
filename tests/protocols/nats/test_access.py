"""Credentials and their file."""

from pathlib import Path

import pytest

from lictor.protocols.nats.access import (
    BadCredentials,
    BusAccess,
    read_access,
    read_blocks,
    read_claims,
    write_access,
    write_private,
)
from lictor.protocols.nats.jwt import ACCOUNT, USER, create_seed, public_key, user_jwt
from lictor.protocols.nats.permissions import permissions_of


def access(expires: float = 0.0) -> BusAccess:
    account, seed = create_seed(ACCOUNT), create_seed(USER)
    rights = permissions_of("triage")
    jwt = user_jwt(account, public_key(account), public_key(seed), "triage", rights, now=1, expires=expires)
    return BusAccess("nats://h:1", "triage", jwt, seed)


def test_an_access_knows_its_key_and_its_end_and_does_not_print_secrets() -> None:
    made = access(expires=99)
    assert made.public_key == public_key(made.seed)
    assert made.expires == 99
    assert access().expires == 0
    assert repr(made) == "BusAccess(url='nats://h:1', principal='triage')"


def test_a_file_is_read_back_and_is_its_owners_alone(tmp_path: Path) -> None:
    made, path = access(), tmp_path / "triage.creds"
    write_access(path, made)
    assert read_access(path, made.url) == made
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert text.startswith(f"-----BEGIN NATS USER JWT-----\n{made.jwt}\n------END NATS USER JWT------\n")
    assert f"-----BEGIN USER NKEY SEED-----\n{made.seed}\n------END USER NKEY SEED------\n" in text


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_private(path, "one")
    path.chmod(0o644)
    write_private(path, "two")
    assert path.read_text() == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_credentials_file_is_named(tmp_path: Path) -> None:
    missing, odd, binary = tmp_path / "missing", tmp_path / "odd", tmp_path / "binary"
    odd.write_text("-----BEGIN NATS USER JWT-----\na.b.c\n------END NATS USER JWT------\n")
    binary.write_bytes(b"\xff\x00")
    with pytest.raises(BadCredentials, match="missing: cannot be read"):
        read_access(missing, "nats://h:1")
    with pytest.raises(BadCredentials, match="odd: there is no block 'USER NKEY SEED' in it"):
        read_access(odd, "nats://h:1")
    with pytest.raises(BadCredentials, match="binary: cannot be read"):
        read_blocks(binary)


@pytest.mark.parametrize("jwt", ["", "a", "a.b.c", "a.e30.c", "a.W10.c"])
def test_what_is_no_jwt_is_refused(jwt: str) -> None:
    with pytest.raises(BadCredentials):
        read_claims(jwt)
