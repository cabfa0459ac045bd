import json
import re

import pytest

from lictor.runtime.cli.listing import print_items, print_rows, require_form, style_of
from lictor.runtime.cli.quit import Quit

ITEMS = [{"id": "a", "n": 1}, {"id": "b", "n": 2}]
COLUMNS = (("ID", lambda item: item["id"]), ("N", lambda item: item["n"]))


@pytest.mark.parametrize(
    ("output", "printed"),
    [
        ("table", "ID\tN\na\t1\nb\t2\n"),
        ("name", "a\nb\n"),
        ("jsonl", '{"id":"a","n":1}\n{"id":"b","n":2}\n'),
    ],
)
def test_a_list_in_every_form(output: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_items("ThingList", ITEMS, COLUMNS, output)
    assert capsys.readouterr().out == printed


def test_a_list_as_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    print_items("ThingList", ITEMS, COLUMNS, "json")
    assert json.loads(capsys.readouterr().out) == {"apiVersion": "lictor/v1", "kind": "ThingList", "items": ITEMS}


def test_on_a_terminal_it_is_a_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    print_rows(("ID", "VERDICT"), [("[red]a", "deny"), ("漢字", "x" * 40)])
    told = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert told == f"ID      VERDICT\n[red]a  deny\n漢字    {'x' * 40}\n"


def test_a_form_that_is_none_is_refused() -> None:
    with pytest.raises(Quit, match="-o xml is not one of table, json"):
        require_form("xml")


def test_good_and_bad_are_told_apart() -> None:
    assert style_of("deny") == "bold red"
    assert style_of("allow") == "green"
    assert style_of("deny everything") == ""
