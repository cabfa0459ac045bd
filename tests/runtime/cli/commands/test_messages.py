import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from record_entries import AT, a_batch, an_entry
from recorded_desk import TASK, Desk, record_desk
from typer.testing import CliRunner

from lictor.runtime.cli.commands.messages import app, follow_record
from lictor.runtime.cli.quit import Quit
from lictor.runtime.store.results import MessageFilter
from lictor.runtime.store.store import Store, open_store


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LICTOR_STORE", raising=False)
    return record_desk(tmp_path)


@pytest.fixture
def store(desk: Desk) -> Iterator[Store]:
    with open_store(desk.url) as opened:
        yield opened


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_messages_are_listed_the_newest_last() -> None:
    lines = [line.split("\t") for line in run().splitlines()]
    assert lines[0] == ["MESSAGE", "AT", "FROM", "TO", "KIND", "VERDICT", "MS", "WHAT"]
    assert [line[0][:2] for line in lines[1:]] == ["01", "02", "03", "04", "05", "06", "07"]
    assert lines[2][2:6] == ["triage", "tool-handbook", "mcp", "allow"]
    assert lines[2][7] == 'search(q="reset")'
    assert lines[3][7] == "�[31mHold"
    assert lines[4][7] == "route: no such edge: writer has no delegates (desk.yaml:7)"
    assert lines[7][5:] == ["lost", "0.04", "deliver: triage went away before it answered"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["from=triage"], "02 05 07"),
        (["to=triage", "kind=a2a"], "01 04 06"),
        (["verdict=deny"], "04"),
        ([f"task={TASK[:20]}"], "01 02 03 04 05"),
        (["since=2026-09-21T14:14:00Z"], "06 07"),
        (["since=1s"], ""),
        (["--limit", "2"], "06 07"),
        (["list", "kind=reply", "--limit", "1"], "07"),
    ],
)
def test_filters_choose(words: list[str], found: str) -> None:
    assert " ".join(line[:2] for line in run(*words, "-o", "name").splitlines()) == found


def test_a_list_is_one_document_for_programs() -> None:
    document = json.loads(run("verdict=deny", "-o", "json"))
    assert (document["apiVersion"], document["kind"]) == ("lictor/v1", "MessageList")
    (item,) = document["items"]
    assert (item["from"], item["to"], item["layer"], item["reason"], item["file"], item["line"]) == (
        "writer",
        "triage",
        "route",
        "no such edge: writer has no delegates",
        "desk.yaml",
        7,
    )
    assert (item["said"], item["number"], item["task"]) == ("More?", 4, TASK)
    lines = run("-o", "jsonl").splitlines()
    assert [json.loads(line)["number"] for line in lines] == [1, 2, 3, 4, 5, 6, 7]


def test_a_message_is_shown_whole(desk: Desk) -> None:
    told = run("show", desk.refused.id[:2])
    assert "route     writer → triage  a2a  SendMessage" in told
    assert "  route     deny" in told
    assert "no such edge: writer has no delegates  desk.yaml:7" in told
    assert "More?" in told
    assert "�[31mHold" in run("show", "03")


def test_a_message_as_a_document(desk: Desk) -> None:
    document = json.loads(run("show", desk.search.id, "-o", "json"))
    assert (document["apiVersion"], document["kind"]) == ("lictor/v1", "Message")
    message = document["message"]
    assert (message["kind"], message["method"]) == ("mcp", "search")
    assert message["body"] == desk.search.body.decode()
    assert [(v["layer"], v["verdict"], v["us"]) for v in message["verdicts"]] == [
        ("identify", "allow", 12.5),
        ("admit", "allow", 12.5),
        ("route", "allow", 12.5),
    ]


def test_a_body_that_is_no_text_is_base64_and_replays_are_shown_too(store: Store) -> None:
    store.writer.write_batches([a_batch(2, an_entry(id="08" + "0" * 30, body=b"\xff\0", kind="event"))])
    assert json.loads(run("show", "08", "-o", "json"))["message"]["body_base64"] == "/wA="
    store.writer.write_batches([a_batch(3, an_entry(id="08" + "0" * 30, outcome="deny"))])
    document = json.loads(run("show", "08", "-o", "json"))
    assert [item["verdict"] for item in document["items"]] == ["allow", "deny"]


def test_following_yields_what_is_recorded_from_now_on(store: Store) -> None:
    pauses = iter([lambda: store.writer.write_batches([a_batch(2, an_entry(sender="a"), an_entry(sender="b"))])])

    def pause(_seconds: float) -> None:
        next(pauses)()

    following = follow_record(store.reader, MessageFilter(sender="b"), 7, pause)
    assert next(following).number == 9


@pytest.mark.parametrize(("output", "told"), [("table", "writer  writer  a2a  allow"), ("jsonl", '"number":8')])
def test_following_prints_each_until_it_is_interrupted(
    store: Store, monkeypatch: pytest.MonkeyPatch, output: str, told: str
) -> None:
    recorded: list[int] = []

    def pause(_seconds: float) -> None:
        if recorded:
            raise KeyboardInterrupt
        recorded.append(store.writer.write_batches([a_batch(2, an_entry(sender="writer", at=AT + 99))]))

    monkeypatch.setattr(follow_record, "__defaults__", (pause,))
    result = CliRunner().invoke(app, ["-f", "--limit", "0", "-o", output])
    assert told in result.output
    assert result.exit_code == 130


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nonsense"], "'nonsense' is no filter"),
        (["-f", "-o", "json"], "use -o jsonl|one document"),
        (["task=ff"], "there is no task 'ff'"),
        (["show", "0"], "more than one message begins with '0'"),
        (["show", "ff"], "there is no message 'ff'"),
        (["-o", "xml"], "is not one of"),
    ],
)
def test_mistakes_are_named(arguments: list[str], told: str) -> None:
    with pytest.raises(Quit, match=told):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
