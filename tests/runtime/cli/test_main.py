"""The command line's root: what it loads, how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lictor.runtime.cli.main import COMMANDS, build, main
from lictor.runtime.cli.quit import Exit, Quit

HEAVY = ("langgraph", "langchain_core", "mcp", "a2a", "llama_cpp", "sqlalchemy", "nats", "pydantic")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from lictor.runtime.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
    for name, summary in COMMANDS:
        assert name in done.stdout
        assert summary.split()[0] in done.stdout


def test_version_is_told_by_both_spellings(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["version"], ["--version"]):
        with pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code == 0
    first, second = capsys.readouterr().out.split()
    assert first == second == "0.1.0"


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS])
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0 or name == "version"
    capsys.readouterr()


def test_only_the_chosen_command_is_loaded() -> None:
    root = build(["status"])
    assert root.commands["status"].params
    assert not root.commands["send"].params


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("lictor ru", ["run"]),
        ("lictor policy e", ["explain"]),
        ("lictor tasks sh", ["show"]),
        ("lictor run --time", ["--timeout"]),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_completion_offers_commands_verbs_and_options(
    line: str, offered: list[str], shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_LICTOR_COMPLETE", f"complete_{shell}")
    if shell == "bash":
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    else:
        monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    with pytest.raises(SystemExit):
        main([])
    told = [each.split("\t")[0] for each in capsys.readouterr().out.split("\n") if each]
    assert told == offered


def test_the_root_installs_completion(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--install-completion" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    assert "--install-completion" not in capsys.readouterr().out


def test_a_terminal_that_knows_only_ascii_gets_no_traceback() -> None:
    code = "import sys; from lictor.runtime.cli.main import main; main(['doctor'])"
    only_ascii = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60, env=only_ascii
    )
    assert "sandboxes come with a later release" in done.stdout
    assert "Traceback" not in done.stderr


def test_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["staus"])
    assert end.value.code == 2
    assert "staus" in capsys.readouterr().err


def test_a_quit_becomes_its_exit_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir("/")
    with pytest.raises(SystemExit) as end:
        main(["run", "/nowhere/team.yaml", "hello"])
    assert end.value.code == 2
    assert "there is no file /nowhere/team.yaml" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["run", "/nowhere/team.yaml", "hello", "-o", "json"])
    assert capsys.readouterr().out.startswith('{"error": {"message": "there is no file /nowhere/team.yaml"')


def test_an_invalid_file_is_told_with_its_first_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "team.yaml").write_text("agents:\n  a:\n    promt: x\n  b: {prompt: y, delegates: [c]}\n")
    with pytest.raises(SystemExit) as end:
        main(["run", str(tmp_path / "team.yaml"), "hello", "-o", "json"])
    assert end.value.code == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["line"]) == ("L101", 3)
    assert "2 errors" in error["message"]


def test_a_quit_carries_its_exit_code() -> None:
    assert Quit(Exit.REFUSED, "no").exit_code == 6
