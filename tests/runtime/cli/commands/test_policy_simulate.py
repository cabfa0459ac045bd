import json
from pathlib import Path

import pytest
from audited_record import KEY, Clock
from judged_team import judge_team
from record_entries import a_batch
from typer.testing import CliRunner

from lictor.protocols.record import MessageEntry, RecordBatch, ShadowEntry
from lictor.runtime.cli.commands.policy import app
from lictor.runtime.cli.quit import Quit
from lictor.runtime.store.audit.auditor import Auditor
from lictor.runtime.store.store import open_store
from lictor.runtime.store.writer import Writer

pytestmark = pytest.mark.slow


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[MessageEntry]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LICTOR_STORE", raising=False)
    return judge_team(tmp_path)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_verdicts_that_would_flip_are_listed_with_their_reason(judged: list[MessageEntry]) -> None:
    told = json.loads(run("simulate", "--draft", "draft", "-o", "json"))
    assert (told["kind"], told["judged"], told["flipped"]) == ("Simulation", len(judged), 1)
    (flip,) = told["flips"]
    assert (flip["count"], flip["from"], flip["to"], flip["reason"]) == (1, "allow", "deny", "the writer rests")
    assert (flip["file"], flip["line"]) == ("draft/quiet.rego", 5)
    assert [each["id"] for each in flip["messages"]] == [judged[1].id]
    lines = [line.split("\t") for line in run("simulate", "--draft", "draft").splitlines()]
    assert lines[1][:2] == ["1", "allow → deny"]
    assert lines[-1] == ["1 of 5 verdicts would flip; 0 messages never reached the policy"]
    assert "0 of 0 verdicts" in run("simulate", "--draft", "draft", "--since", "1s")


def test_an_export_is_as_good_as_the_record(judged: list[MessageEntry], tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/signed.db") as store:
        Writer(store.engines[0], Clock(), KEY).write_batches([RecordBatch("enforcer", 1, tuple(judged), "i1")])
        Path("all.jsonl").write_bytes(b"".join(Auditor(store.engines[1]).export()))
    told = json.loads(run("simulate", "--draft", "draft", "--from", "all.jsonl", "-o", "json"))
    assert (told["judged"], told["flipped"], told["not_recorded"]) == (len(judged), 1, {})


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "which draft"),
        (["--draft", "none"], "cannot be read"),
        (["--draft", "empty"], "no Rego file"),
        (["--draft", "broken"], "the draft cannot be used"),
        (["--draft", "draft", "--from", "lictor.yaml"], "no export"),
        (["--draft", "draft", "--from", "none.jsonl"], "No such file"),
        (["--draft", "draft", "--since", "soon"], "soon"),
        (["--draft", "draft", "--file", "none.yaml"], "none"),
        (["--draft", "draft", "-o", "yaml"], "yaml"),
    ],
)
def test_what_cannot_be_simulated_is_said(judged: list[MessageEntry], arguments: list[str], why: str) -> None:
    assert judged
    Path("empty").mkdir()
    Path("broken").mkdir()
    Path("broken/x.rego").write_text("package lictor.user.x\n\nimport rego.v1\n\ndeny contains {\n")
    with pytest.raises(Quit, match=why):
        CliRunner().invoke(app, ["simulate", *arguments], catch_exceptions=False)


def test_what_a_draft_said_of_live_messages_is_listed(judged: list[MessageEntry], tmp_path: Path) -> None:
    seen = ShadowEntry(judged[1].id, "draft1", "route", "deny", "c", "rests", "data.x", "x.rego", 4)
    with open_store(f"sqlite:///{tmp_path}/.lictor/lictor.db") as store:
        store.writer.write_batches([a_batch(2, shadows=(seen,))])
    (item,) = json.loads(run("shadow", "-o", "json"))["items"]
    assert (item["message"], item["revision"], item["verdict"], item["line"]) == (judged[1].id, "draft1", "deny", 4)
    lines = [line.split("\t") for line in run("shadow", "list").splitlines()]
    assert lines[1][2:] == ["draft1", "deny", "route", "rests", "x.rego:4"]
    with pytest.raises(Quit, match="no team runs"):
        CliRunner().invoke(app, ["shadow", "--draft", "draft"], catch_exceptions=False)
    with pytest.raises(Quit, match="either"):
        CliRunner().invoke(app, ["shadow", "--draft", "draft", "--off"], catch_exceptions=False)
