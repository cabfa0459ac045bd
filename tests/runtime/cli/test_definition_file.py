from pathlib import Path

import pytest

from lictor.runtime.cli.definition_file import DEFAULT, require_file
from lictor.runtime.cli.quit import Exit, Quit


def test_a_file_that_is_there_is_fine(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("")
    require_file(tmp_path / "x.yaml")


def test_what_is_missing_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Quit, match=r"there is no file lictor\.yaml") as caught:
        require_file(DEFAULT)
    assert (caught.value.exit_code, caught.value.hint) == (
        Exit.USAGE,
        "name the team's YAML, or write one with: lictor new",
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(Quit, match="is a folder") as caught:
        require_file(tmp_path)
    assert caught.value.hint.endswith("lictor.yaml")
