"""`lictor policy check`, `test --coverage` and `fmt` on rules of one's own, and what they say without an opa."""

import json
import os
from pathlib import Path

import pytest
from opa_process import require_opa
from typer.testing import CliRunner

from lictor.runtime.cli.commands.policy import app
from lictor.runtime.cli.quit import Exit, Quit

pytestmark = pytest.mark.slow

META = (
    "# METADATA\n# title: House\n# description: It is ours.\n# scope: package\n"
    "package lictor.user.house\n\nimport rego.v1\n\n"
)
BODY = 'deny contains "not now" if {\n\tinput.tool == "danger"\n}\n\nask contains "sure?" if input.tool == "pay"\n'
TEST = (
    "package lictor.user.house_test\n\nimport rego.v1\n\n"
    'test_danger if count(data.lictor.user.house.deny) == 1 with input as {"tool": "danger"}\n'
)


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "house.rego").write_text(META + BODY)
    (folder / "house_test.rego").write_text(TEST)
    return folder


@pytest.fixture
def _no_opa(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICTOR_OPA", os.devnull)


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def test_rules_that_may_be_used(rules: Path) -> None:
    told = json.loads(run("check", str(rules), "-o", "json"))
    assert told["ok"]
    assert told["problems"] == []
    assert told["engines"][0] == "embedded"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (META + BODY + "\nx := http.send({})\n", 15, "http.send may not be used"),
        (META + 'deny contains "x" if not input.tool in {"a"}\n', 9, "behind `not`"),
        (META + "deny contains if\n", 0, "house.rego"),
        (META.replace("# title: House\n", "") + BODY, 1, "lacks a title"),
    ],
)
def test_rules_that_are_to_be_mended(rules: Path, text: str, line: int, said: str) -> None:
    (rules / "house.rego").write_text(text)
    (problem,) = json.loads(run("check", str(rules), "-o", "json", code=1))["problems"]
    assert problem["line"] == line
    assert said in problem["file"] + problem["text"]


@pytest.mark.usefixtures("_no_opa")
def test_coverage_without_opa_says_who_counted(rules: Path) -> None:
    told = json.loads(run("test", str(rules), "--coverage", "-o", "json"))
    assert told["coverage"]["counted_by"] == "the embedded engine"
    (file,) = told["coverage"]["files"]
    assert file["missed"] == [13]
    run("test", str(rules), "--coverage", "--least", "99", code=1)


def test_coverage_by_opa(rules: Path) -> None:
    require_opa()
    told = json.loads(run("test", str(rules), "--coverage", "-o", "json"))
    assert told["coverage"]["counted_by"].startswith("opa ")
    assert 13 in told["coverage"]["files"][0]["missed"]


def test_rules_are_laid_out(rules: Path) -> None:
    require_opa()
    run("fmt", str(rules), "--check")
    crooked = rules / "house.rego"
    crooked.write_text(META + BODY.replace("\tinput", "  input"))
    assert str(crooked) in run("fmt", str(rules), "--check", code=1)
    assert str(crooked) in run("fmt", str(rules))
    assert crooked.read_text() == META + BODY


@pytest.mark.usefixtures("_no_opa")
def test_without_opa_rules_are_not_laid_out(rules: Path) -> None:
    with pytest.raises(Quit, match="which is not here") as caught:
        run("fmt", str(rules))
    assert caught.value.exit_code == Exit.UNREACHABLE
    assert "make opa" in caught.value.hint
