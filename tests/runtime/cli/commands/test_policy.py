import json
from pathlib import Path

import pytest
from recorded_desk import Desk, record_desk
from typer.testing import CliRunner

from lictor.runtime.cli.commands.policy import app
from lictor.runtime.cli.quit import Quit

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LICTOR_STORE", raising=False)
    return record_desk(tmp_path)


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def test_rules_are_listed_with_what_they_say_of_themselves() -> None:
    items = json.loads(run("-o", "json"))["items"]
    edge = next(item for item in items if item["rule"] == "data.lictor.rules.route.edge")
    assert (edge["title"], edge["says"], edge["user"]) == ("Edge", ["deny", "permit"], False)
    assert edge["file"] == "lictor/policies/route/edge/edge.rego"
    assert "edge that the team's YAML declares" in edge["description"]
    assert "data.lictor.rules.route.edge" in run("list", "-o", "name")


def test_the_built_in_tests_pass() -> None:
    document = json.loads(run("test", "-o", "json"))
    assert len(document["items"]) > 20
    assert all(item["passed"] for item in document["items"])


def test_a_test_of_ones_own_that_fails_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "night.rego").write_text(
        'package lictor.user.night\n\nimport rego.v1\n\ndeny contains "closed" if input.method == "night"\n'
    )
    (folder / "night_test.rego").write_text(
        "package lictor.user.night_test\n\nimport data.lictor.user.night\nimport rego.v1\n\n"
        'test_success if "closed" in night.deny with input as {"method": "night"}\n\n'
        'test_fail if "open" in night.deny with input as {"method": "night"}\n'
    )
    told = run("test", "policies", code=1)
    assert told.strip() == "FAIL lictor.user.night_test.test_fail  (policies/night_test.rego:8)"


def test_rego_that_does_not_compile_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.rego").write_text("package lictor.user.bad\n\nimport rego.v1\n\ndeny contains {\n")
    with pytest.raises(Quit, match=r"bad\.rego"):
        CliRunner().invoke(app, ["test", "bad.rego"], catch_exceptions=False)
    with pytest.raises(Quit, match=r"none\.rego: cannot be read"):
        CliRunner().invoke(app, ["test", "none.rego"], catch_exceptions=False)
