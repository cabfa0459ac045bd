from pathlib import Path

import pytest

from lictor.runtime.cli.own_rules import find_plan, own_modules
from lictor.runtime.cli.quit import Quit

TEAM = "lictor: 1\ndefaults: {model: builtin/smollm2}\nagents: {a: {prompt: Say hello.}}\npolicies: [rules/*.rego]\n"
RULE = 'package lictor.user.x\n\nimport rego.v1\n\ndeny contains "x" if input.sender == "b"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "x.rego").write_text(RULE)
    (tmp_path / "rules" / "x_test.rego").write_text("package x_test\n")
    (tmp_path / "lictor.yaml").write_text(TEAM)
    return tmp_path / "lictor.yaml"


def test_a_teams_own_with_their_tests(file: Path) -> None:
    found = own_modules(None, find_plan(file))
    assert {Path(each.path).name for each in found} == {"x.rego", "x_test.rego"}
    assert all(each.user for each in found)


def test_a_folder_that_is_named(file: Path) -> None:
    assert len(own_modules(file.parent / "rules", None)) == 2
    assert own_modules(None, None) == []


def test_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Quit, match="cannot be read"):
        own_modules(tmp_path / "none.rego", None)
    monkeypatch.chdir(tmp_path)
    assert find_plan(None) is None
