import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lictor.runtime.cli.commands.guards import app
from lictor.runtime.cli.quit import Exit, Quit

pytestmark = pytest.mark.slow

TOKEN = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"


def run(*arguments: str, code: int = 0, text: str | None = None) -> str:
    result = CliRunner().invoke(app, list(arguments), input=text, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def test_guards_are_listed() -> None:
    items = {item["name"]: item for item in json.loads(run("list", "-o", "json"))["items"]}
    assert items["secrets"]["mode"] == "block"
    assert "redact" in items["pii"]["modes"]
    assert items["injection"]["settings"]["threshold"] == 0.8


def test_a_text_is_tried(tmp_path: Path) -> None:
    found = json.loads(run("test", f"use {TOKEN} or bob@example.com", "-o", "json", code=Exit.REFUSED))["findings"]
    assert {item["kind"] for item in found} >= {"github-pat", "email"}
    assert TOKEN not in run("test", TOKEN, code=Exit.REFUSED)
    file = tmp_path / "note.txt"
    file.write_text("The meeting is at nine.", encoding="utf-8")
    assert run("test", str(file)).splitlines()[1].startswith("injection")
    run("test", "-", text=TOKEN, code=Exit.REFUSED)
    run("test", "x" * 5000)


def test_a_data_set_is_scored(tmp_path: Path) -> None:
    file = tmp_path / "secrets.jsonl"
    rows = [{"text": TOKEN, "label": 1}, {"text": "nothing", "label": 0}, {"text": "plain", "label": 1}]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    figures = json.loads(run("eval", str(file), "-o", "json"))
    assert (figures["guard"], figures["recall"], figures["precision"], figures["false_positive_rate"]) == (
        "secrets",
        0.5,
        1.0,
        0.0,
    )
    assert "p50_ms" in run("eval", str(file))
    assert "auc" in run("eval", str(file), "--guard", "injection")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.jsonl", '{"text": "a", "label": 1}', "which guard"),
        ("pii.jsonl", "", "holds no texts"),
        ("pii.jsonl", '{"text": "a", "label": 1}\n{"text": "a"}', "pii.jsonl:2"),
        ("pii.jsonl", "[1]", "pii.jsonl:1"),
        ("pii.jsonl", "[" * 100_000, "pii.jsonl:1"),
        ("pii.jsonl", '{"text": "a", "label": 1, "spans": [[1]]}', "pii.jsonl:1"),
    ],
)
def test_a_data_set_that_is_none_is_refused(tmp_path: Path, name: str, content: str, said: str) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    with pytest.raises(Quit) as refused:
        run("eval", str(file))
    assert said in refused.value.message
    with pytest.raises(Quit):
        run("eval", str(tmp_path / "pii-missing.jsonl"))
