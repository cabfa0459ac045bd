import json
from pathlib import Path

import pytest
from judged_team import judge_team
from typer.testing import CliRunner

from lictor.protocols.record import MessageEntry
from lictor.runtime.cli.commands.replay import app
from lictor.runtime.cli.quit import Quit


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[MessageEntry]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LICTOR_STORE", raising=False)
    return judge_team(tmp_path)


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def test_every_message_is_judged_the_same_by_the_same_bundle(judged: list[MessageEntry]) -> None:
    for entry in judged:
        told = json.loads(run(entry.id, "--rejudge", "-o", "json"))
        assert (told["kind"], told["same"], told["same_bundle"]) == ("Rejudgement", True, True)
        assert told["bundle_then"] == told["bundle_now"] == entry.bundle
    assert "judged again by the bundle that judged it: the same verdict" in run(judged[0].id)


def test_other_rules_are_named_and_end_with_no(judged: list[MessageEntry]) -> None:
    told = run(judged[1].id, "--policy", "draft", code=1)
    assert f"judged by {judged[1].bundle}: ANOTHER verdict" in told
    assert "route\tallow\tdeny\tthe writer rests\tdraft/quiet.rego:5" in told


def test_without_the_teams_file_it_cannot_be_judged(judged: list[MessageEntry]) -> None:
    Path("lictor.yaml").unlink()
    with pytest.raises(Quit, match="no team file here"):
        CliRunner().invoke(app, [judged[0].id], catch_exceptions=False)
