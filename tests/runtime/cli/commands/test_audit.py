import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from audited_record import KEY, OTHER_KEY, audited_store
from sqlalchemy import text
from typer.testing import CliRunner

from lictor.runtime.cli.commands.audit import app
from lictor.runtime.cli.quit import Quit
from lictor.runtime.store.store import Store, open_store


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LICTOR_STORE", raising=False)
    (tmp_path / ".lictor" / "audit").mkdir(parents=True)
    (tmp_path / ".lictor" / "audit" / "audit.pub").write_text(KEY.public.hex() + "\n")
    with audited_store(f"sqlite:///{tmp_path}/.lictor/lictor.db") as opened:
        yield opened


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_the_head_is_shown_and_serves_as_an_anchor(store: Store) -> None:
    assert "link       22\n" in run("head")
    Path("head.json").write_text(run("head", "-o", "json"))
    assert json.loads(Path("head.json").read_text())["head"]["link"] == 22
    assert run("verify", "--anchor", "head.json").startswith(
        "ok: 18 messages and 4 approvals, links 1 to 22, signed 2026-"
    )
    with store.engines[0].begin() as connection:
        connection.execute(text("DELETE FROM verdicts WHERE message >= 17"))
        connection.execute(text("DELETE FROM messages WHERE number >= 17"))
        connection.execute(text("DELETE FROM heads WHERE link > 20"))
    assert run("verify").startswith("ok")
    assert "a head kept elsewhere has them" in run("verify", "--anchor", "head.json", code=1)


def test_an_export_is_verified_without_the_record(tmp_path: Path) -> None:
    assert "22 entries written to all.jsonl" in run("export", "all.jsonl")
    assert Path("all.jsonl").stat().st_mode & 0o777 == 0o600
    (tmp_path / ".lictor" / "lictor.db").unlink()
    told = run("verify", "all.jsonl")
    assert told.startswith("ok: 18 messages")
    assert KEY.public.hex() in told.replace("\n", "")
    told = json.loads(run("verify", "all.jsonl", "--key", ".lictor/audit", "-o", "json"))
    assert (told["ok"], told["last"], told["keys_checked"], told["problems"]) == (True, 22, True, [])
    Path("other.pub").write_text(OTHER_KEY.public.hex())
    assert "signed by another key" in run("verify", "all.jsonl", "--key", "other.pub", code=1)
    lines = Path("all.jsonl").read_bytes().splitlines(keepends=True)
    Path("all.jsonl").write_bytes(b"".join(lines[:-1]))
    assert run("verify", "all.jsonl", code=1).splitlines()[:2] == [
        "link 21: entries 22 to 22 are missing: a signed head covers them",
        "NOT ok: 17 messages and 4 approvals, links 1 to 21, signed 2026-09-21T14:13:28.800Z",
    ]


def test_a_part_may_be_exported_without_bodies_to_standard_output() -> None:
    lines = run("export", "-", "--since", "2026-09-21T14:13:22.500Z", "--to", "2026-09-21T14:13:24Z", "--no-bodies")
    exported = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    assert [each["link"] for each in exported[1:]] == [8, 9, 10]
    assert exported[2]["row"]["body"] is None


def test_a_change_in_the_record_is_named(store: Store) -> None:
    with store.engines[0].begin() as connection:
        connection.execute(text("UPDATE messages SET outcome = 'allow' WHERE number = 3"))
    assert "link 3: it was changed" in run("verify", code=1)
    assert json.loads(run("verify", "-o", "json", code=1))["problems"] == [
        {"link": 3, "what": "it was changed, or what stood before it was"}
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["verify", "none.jsonl"], "cannot be read"),
        (["verify", "--key", "none.pub"], "none.pub"),
        (["verify", "--anchor", "bad.json"], "is no head"),
        (["export", "x.jsonl", "--since", "soon"], "soon"),
        (["export", "x.jsonl", "--since", "2099-01-01"], "nothing to export"),
        (["export", "no/such/folder.jsonl"], "cannot be written"),
        (["head", "-o", "yaml"], "yaml"),
        (["head", "--store", "sqlite:///none.db"], "no record"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], why: str) -> None:
    Path("bad.json").write_text("[]")
    with pytest.raises(Quit, match=why):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert not Path("x.jsonl").exists()


def test_a_record_that_nobody_signed_says_so(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/bare.db"):
        pass
    with pytest.raises(Quit, match="nothing on record is signed"):
        CliRunner().invoke(app, ["head", "--store", f"sqlite:///{tmp_path}/bare.db"], catch_exceptions=False)
