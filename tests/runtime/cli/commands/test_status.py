"""A part's last words are shown as they are."""

from pathlib import Path

import pytest

from lictor.runtime.cli.commands.status import status
from lictor.runtime.cli.state import PartState, StateFolder, TeamState


def test_markup_in_a_parts_last_words_is_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    part = PartState("mallory", "agent", "ready", 2, 1, "[/] [link=http://x]click[/link]", 1.0)
    folder = StateFolder(tmp_path)
    folder.hold()
    folder.write(TeamState(1, "team.yaml", 1.0, "nats://127.0.0.1:1", "sqlite:///x", True, "mallory", (part,)))
    status("table")
    folder.leave()
    assert "[/] [link=http://x]click[/link]" in " ".join(capsys.readouterr().out.split())
