import json
from pathlib import Path

import pytest

from lictor.runtime.cli.main import main
from lictor.runtime.cli.quit import Exit
from lictor.runtime.definition.schema import render_schema

LINE = "# yaml-language-server: $schema=.lictor/schema.json\n"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["schema", *arguments])
    return int(end.value.code or 0)


def test_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == Exit.DONE
    assert "properties" in json.loads(capsys.readouterr().out)


def test_it_is_installed_once_and_the_file_keeps_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "lictor.yaml"
    file.write_bytes(b"# mine\r\nagents: {a: {prompt: x}}\r\n")
    file.chmod(0o640)
    for _ in range(2):
        assert run("--install") == Exit.DONE
    assert (tmp_path / ".lictor/schema.json").read_text() == render_schema()
    assert file.read_bytes() == LINE.encode() + b"# mine\r\nagents: {a: {prompt: x}}\r\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lictor", "lictor.yaml"]
    assert capsys.readouterr().out == ""


def test_there_must_be_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("--install") == Exit.USAGE
    assert list(tmp_path.iterdir()) == []
