import hashlib
from pathlib import Path

import pytest
from record_entries import a_batch, an_entry
from typer.testing import CliRunner

from lictor.guardrails.content.sealing import seal
from lictor.runtime.cli.commands import messages_reveal
from lictor.runtime.cli.commands.messages import app
from lictor.runtime.cli.quit import Quit
from lictor.runtime.cli.state import seal_file
from lictor.runtime.store.audit.key import load_secret
from lictor.runtime.store.store import open_store


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LICTOR_STORE", raising=False)
    sealed = seal([("email", "eva@example.org")], load_secret(seal_file(tmp_path)))
    digest = hashlib.sha256(b'{"text":"write to eva@example.org"}').hexdigest()
    body = '{"text":"write to ‹email›"}'.encode()
    redacted = an_entry(id="1" * 32, outcome="redact", body=body, sealed=sealed, digest=digest)
    with open_store(f"sqlite:///{tmp_path}/.lictor/lictor.db") as store:
        store.writer.write_batches([a_batch(1, redacted, an_entry(id="2" * 32))])
    return tmp_path


def fail(*arguments: str) -> str:
    with pytest.raises(Quit) as quit_:
        CliRunner().invoke(app, ["reveal", *arguments], catch_exceptions=False)
    return str(quit_.value)


def test_nothing_is_shown_before_it_is_on_record(folder: Path) -> None:
    assert "needs a reason" in fail("1" * 32)
    assert "nothing was redacted" in fail("2" * 32, "--reason", "r")
    assert "no team runs in this folder" in fail("1" * 32, "--reason", "r")
    seal_file(folder).chmod(0o644)
    assert "chmod 600" in fail("1" * 32, "--reason", "r")


def test_once_it_is_on_record_it_is_shown_to_who_holds_the_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    async def ask(message: str, reason: str) -> str:
        asked.append((message, reason))
        return "f" * 32

    monkeypatch.setattr(messages_reveal, "_ask", ask)
    result = CliRunner().invoke(app, ["reveal", "1" * 32, "--reason", "ticket 7"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "‹email›  eva@example.org" in result.stdout
    assert '{"text":"write to eva@example.org"}' in result.stdout
    assert "exact     yes" in result.stdout
    assert asked == [("1" * 32, "ticket 7")]
    load_secret(folder / "other.key")
    assert "another key" in fail("1" * 32, "--reason", "r", "--key", "other.key")
