import json
from pathlib import Path

import pytest
from recorded_desk import OTHER, TASK, record_desk
from typer.testing import CliRunner

from lictor.runtime.cli.commands.tasks import app
from lictor.runtime.cli.quit import Quit


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LICTOR_STORE", raising=False)
    record_desk(tmp_path)
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_tasks_are_listed_the_newest_last() -> None:
    lines = [line.split("\t") for line in run().splitlines()]
    assert lines[0] == ["TASK", "OPENED", "STATE", "SECONDS", "FROM", "AGENT", "QUESTION"]
    assert [(line[0], line[2], line[3], line[4], line[5], line[6]) for line in lines[1:]] == [
        (TASK[:16], "completed", "2.5", "op-cli", "triage", "How do I reset it?"),
        (OTHER[:16], "failed", "1.0", "op-cli", "triage", "Anyone?"),
    ]
    assert run("--state", "failed", "-o", "name") == f"{OTHER}\n"
    assert run("list", "--limit", "1", "-o", "name") == f"{OTHER}\n"


def test_a_list_is_one_document_for_programs() -> None:
    document = json.loads(run("-o", "json"))
    assert (document["apiVersion"], document["kind"]) == ("lictor/v1", "TaskList")
    assert document["items"][1] == {
        "id": OTHER,
        "state": "failed",
        "from": "op-cli",
        "agent": "triage",
        "question": "Anyone?",
        "reason": "triage went away before it answered",
        "context": "",
        "request": "06" + "0" * 30,
        "answered_by": "07" + "0" * 30,
        "opened": "2026-09-21T14:14:20.000Z",
        "changed": "2026-09-21T14:14:21.000Z",
        "seconds": 1.0,
    }


def test_a_task_is_shown_with_everything_said_in_it() -> None:
    told = run("show", TASK)
    assert "state     completed" in told
    assert "answer    Hold the button." in told
    assert "route: no such edge: writer has no delegates (desk.yaml:7)" in told
    assert "\x1b" not in told


def test_a_tree_shows_what_led_to_what() -> None:
    lines = run("show", TASK, "--tree").partition("messages\n")[2].splitlines()
    depth = {line.split()[0][:2]: (len(line) - len(line.lstrip())) // 2 for line in lines}
    assert depth == {"01": 1, "02": 2, "03": 3, "04": 2, "05": 2}


def test_a_task_as_a_document() -> None:
    document = json.loads(run("show", TASK, "--tree", "-o", "json"))
    assert (document["kind"], document["state"], document["answer"]) == ("Task", "completed", "Hold the button.")
    assert [(message["id"][:2], message["depth"]) for message in document["messages"]] == [
        ("01", 0),
        ("02", 1),
        ("03", 2),
        ("04", 1),
        ("05", 1),
    ]


def test_a_beginning_must_be_of_one_task() -> None:
    assert "Anyone?" in run("show", OTHER[:17])
    for beginning, told in (("01a", "more than one task"), ("ff", "there is no task")):
        with pytest.raises(Quit, match=told):
            CliRunner().invoke(app, ["show", beginning], catch_exceptions=False)
