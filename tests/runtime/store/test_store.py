import sqlite3
from pathlib import Path

import pytest

from lictor.runtime.store.failures import NoRecord, NotARecord, StoreError, StoreUnavailable
from lictor.runtime.store.store import open_store


def test_a_record_is_made_with_its_folder(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/a/b/r.db") as store:
        assert store.reader.messages() == []
    assert (tmp_path / "a/b/r.db").exists()


def test_a_record_is_for_its_owner_alone(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/r.db") as store:
        assert store.reader.messages() == []
        for file in tmp_path.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file


def test_reading_what_is_not_there_says_what_to_do_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoRecord, match=r"record sqlite:////.*r\.db: there is none: .lictor run. or"):
        open_store(f"sqlite:///{tmp_path}/r.db", migrate=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("migrate", [True, False])
@pytest.mark.parametrize(
    "content",
    [b"this is no database at all, only a long line of text" * 20, bytes(range(256)) * 32],
    ids=["text", "bytes"],
)
def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path, content: bytes, migrate: bool) -> None:
    file = tmp_path / "r.db"
    file.write_bytes(content)
    with pytest.raises(NotARecord, match=r"r\.db: it is no SQLite database"):
        open_store(f"sqlite:///{file}", migrate=migrate)
    assert file.read_bytes() == content


def test_a_folder_is_no_record(tmp_path: Path) -> None:
    with pytest.raises(NotARecord, match="it is a folder"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="its folder cannot be made"):
        open_store(f"sqlite:///{tmp_path}/file/r.db")


def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    with pytest.raises(StoreUnavailable, match="cannot be used") as caught:
        open_store("postgresql://somebody:secret@127.0.0.1:1/lictor?password=secret&sslpassword=secret")
    assert "secret" not in str(caught.value)


def test_a_url_that_is_none_is_a_store_error() -> None:
    with pytest.raises(StoreError, match="no store URL"):
        open_store("lictor.db")


def test_a_record_that_another_program_holds_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "r.db"
    with open_store(f"sqlite:///{file}"):
        pass
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with open_store(f"sqlite:///{file}", migrate=False) as store:
        assert store.reader.last() == 0  # readers of a WAL do not wait
    other.close()
