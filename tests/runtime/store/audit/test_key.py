from pathlib import Path

import pytest

from lictor.runtime.store.audit.key import BadKey, load_key, load_secret, read_public, read_secret


def test_a_key_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    key = load_key(tmp_path / "audit")
    assert load_key(tmp_path / "audit").public == key.public == read_public(tmp_path / "audit")
    assert (tmp_path / "audit").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "audit" / "audit.key").stat().st_mode & 0o777 == 0o600
    assert read_public(tmp_path / "audit" / "audit.pub") == key.public


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    load_key(tmp_path)
    (tmp_path / "audit.key").chmod(0o644)
    with pytest.raises(BadKey, match="chmod 600"):
        load_key(tmp_path)


@pytest.mark.parametrize("text", ["", "zz", "00" * 31, "é"])
def test_what_is_no_key_is_said(tmp_path: Path, text: str) -> None:
    load_key(tmp_path)
    (tmp_path / "audit.key").write_text(text)
    with pytest.raises(BadKey, match=r"audit\.key"):
        load_key(tmp_path)
    with pytest.raises(BadKey, match="nowhere"):
        read_public(tmp_path / "nowhere")


def test_a_public_half_that_is_another_keys_is_written_anew(tmp_path: Path) -> None:
    key = load_key(tmp_path)
    (tmp_path / "audit.pub").write_text("00" * 32)
    assert load_key(tmp_path).public == read_public(tmp_path) == key.public


def test_a_secret_of_another_name_is_made_once_too(tmp_path: Path) -> None:
    path = tmp_path / "audit" / "seal.key"
    with pytest.raises(BadKey, match=r"seal\.key"):
        read_secret(path)
    secret = load_secret(path)
    assert len(secret) == 32
    assert load_secret(path) == read_secret(path) == secret
