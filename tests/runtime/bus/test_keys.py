from pathlib import Path

import pytest

from lictor.protocols.nats.access import BadCredentials, read_claims
from lictor.runtime.bus.keys import load_keys, load_revoked, save_revoked


def test_keys_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "keys"
    made = load_keys(folder)
    assert load_keys(folder) == made
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "operator.nk": 0o600,
        "account.nk": 0o600,
        "system.nk": 0o600,
    }
    assert len({made.operator, made.account, made.system}) == 3
    assert repr(made) == "BusKeys()"


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_keys(tmp_path)
    (tmp_path / "account.nk").chmod(0o644)
    with pytest.raises(BadCredentials, match=r"account.nk: others can read this key \(mode 644\); run: chmod 600"):
        load_keys(tmp_path)


@pytest.mark.parametrize("content", [b"", b"SAxx", b"\xff"])
def test_a_key_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    load_keys(tmp_path)
    (tmp_path / "operator.nk").write_bytes(content)
    with pytest.raises(BadCredentials, match=r"operator.nk: the key cannot be read"):
        load_keys(tmp_path)


def test_jwts_say_who_signs_whom(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)
    operator, account, system = (
        read_claims(jwt) for jwt in (keys.operator_jwt(1), keys.account_jwt(1, {"U1": 3}), keys.system_jwt(1))
    )
    assert operator["nats"]["system_account"] == keys.system_id == system["sub"]
    assert account["sub"] == keys.account_id
    assert account["iss"] == system["iss"] == operator["sub"]
    assert account["nats"]["revocations"] == {"U1": 3}
    assert account["nats"]["limits"]["disk_storage"] == -1
    assert system["nats"]["limits"]["disk_storage"] == 0


def test_the_revoked_are_kept(tmp_path: Path) -> None:
    assert load_revoked(tmp_path) == {}
    save_revoked(tmp_path, {"U1": 5})
    assert load_revoked(tmp_path) == {"U1": 5}


@pytest.mark.parametrize("content", ["", "[]", '{"U1": "x"}'])
def test_a_list_of_the_revoked_that_cannot_be_read_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "revoked.json").write_text(content)
    with pytest.raises(BadCredentials, match=r"revoked.json: the list of revoked credentials cannot be read"):
        load_revoked(tmp_path)
