"""The folder by which commands find the team that runs here."""

import os
from pathlib import Path

import pytest

from lictor.runtime.cli.quit import Exit, Quit
from lictor.runtime.cli.state import PartState, StateFolder, TeamState, running

STATE = TeamState(
    1,
    "/x/team.yaml",
    1.0,
    "nats://127.0.0.1:1",
    "sqlite:///x",
    True,
    "a",
    (PartState("a", "agent", "ready", 2, 0, "", 1.0),),
)


def test_a_team_is_found_while_it_holds_the_folder(tmp_path: Path) -> None:
    mine = StateFolder(tmp_path)
    mine.hold()
    mine.write(STATE)
    other = StateFolder(tmp_path)
    assert other.held()
    assert other.read() == STATE
    mine.leave()
    assert not other.held()


def test_no_team_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Quit) as end:
        StateFolder(tmp_path).read()
    assert end.value.exit_code is Exit.UNREACHABLE
    assert "lictor up" in end.value.hint


def test_two_teams_do_not_share_a_folder(tmp_path: Path) -> None:
    first, second = StateFolder(tmp_path), StateFolder(tmp_path)
    first.hold()
    with pytest.raises(Quit, match="already runs"):
        second.hold()
    first.leave()
    second.hold()
    second.leave()


def test_a_state_left_by_a_dead_team_is_no_team(tmp_path: Path) -> None:
    mine = StateFolder(tmp_path)
    mine.hold()
    mine.write(STATE)
    assert mine._lock is not None
    os.close(mine._lock)
    with pytest.raises(Quit, match="no team runs"):
        StateFolder(tmp_path).read()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"parts": 3}'])
def test_a_state_that_cannot_be_read_is_said_so(tmp_path: Path, text: str) -> None:
    mine = StateFolder(tmp_path)
    mine.hold()
    (tmp_path / ".lictor" / "run" / "state.json").write_text(text)
    with pytest.raises(Quit, match="only starting"):
        StateFolder(tmp_path).read()
    mine.leave()


def test_what_a_team_leaves_is_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / ".lictor").mkdir(mode=0o755)
    mine = StateFolder(tmp_path)
    mine.hold()
    mine.write(STATE)
    for path in (mine.root, mine.folder, *mine.folder.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path
    mine.leave()


def test_every_team_that_runs_here_is_found(tmp_path: Path) -> None:
    assert running(tmp_path) == []
    up, one = StateFolder(tmp_path), StateFolder(tmp_path, "run-abc")
    (tmp_path / ".lictor" / "run-dead").mkdir(parents=True)
    one.hold()
    assert [found.folder.name for found in running(tmp_path)] == ["run-abc"]
    up.hold()
    assert [found.folder.name for found in running(tmp_path)] == ["run", "run-abc"]
    one.write(STATE)
    assert StateFolder(tmp_path, "run-abc").read() == STATE
    one.leave()
    up.leave()
    assert running(tmp_path) == []
