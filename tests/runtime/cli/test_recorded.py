from pathlib import Path

import pytest

from lictor.runtime.cli.quit import Quit
from lictor.runtime.cli.recorded import open_record, resolve, stamp
from lictor.runtime.store.store import open_store


def test_the_record_lies_in_the_working_folder_unless_said_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Quit, match=r"there is no record at \.lictor/lictor\.db") as caught, open_record("", None):
        pass
    assert caught.value.exit_code == 3
    open_store("sqlite:///.lictor/lictor.db").close()
    with open_record("", None) as reader:
        assert reader.last() == 0
    open_store(f"sqlite:///{tmp_path}/other.db").close()
    with open_record(f"sqlite:///{tmp_path}/other.db", None) as reader:
        assert reader.last() == 0


def test_what_is_no_record_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "r.db").write_text("not a database " * 100)
    for url in (f"sqlite:///{tmp_path}/r.db", "nonsense"):
        with pytest.raises(Quit) as caught, open_record(url, None):
            pass
        assert caught.value.exit_code == 2


def test_a_beginning_stands_for_the_one_id_that_has_it() -> None:
    ids = ["aa1", "aa2", "b", "bb"]

    def find(beginning: str) -> list[str]:
        return [each for each in ids if each.startswith(beginning)]

    assert resolve("task", "aa1", find) == "aa1"
    assert resolve("task", "b", find) == "b"
    assert resolve("task", "bb", find) == "bb"
    with pytest.raises(Quit, match="more than one task begins with 'aa': aa1, aa2") as caught:
        resolve("task", "aa", find)
    assert caught.value.exit_code == 2
    for nothing in ("c", ""):
        with pytest.raises(Quit, match="there is no task") as caught:
            resolve("task", nothing, find)
        assert caught.value.exit_code == 1


def test_times_are_told_in_utc() -> None:
    assert stamp(1_790_000_000.25) == "2026-09-21T14:13:20.250Z"
