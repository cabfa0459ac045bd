import json
from pathlib import Path

import pytest
import yaml
from definition_folder import write

from lictor.runtime.cli.main import main
from lictor.runtime.cli.quit import Exit

TEAM = """\
models: {m: {scripted: r.yaml}}
agents:
  triage: {prompt: x, model: m, delegates: [finder]}
  finder:
    prompt: x
    model: m
    tools:
      - rag: docs
      - mcp: /bin/sh -c true
        env: {T_TOKEN: '${T_TOKEN}'}
        permit: {allow: [find_*], deny: [rm]}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {"lictor.yaml": TEAM, "r.yaml": "[]", "docs/a.md": "# A"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("T_TOKEN", "hidden")
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["plan", *arguments])
    return int(end.value.code or 0)


def test_text_says_what_an_agent_may_do_and_where_that_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == Exit.DONE
    out = capsys.readouterr().out
    part = out[out.index("agent finder") :].split("\n\n")[0]
    assert part.splitlines()[:7] == [
        "agent finder",
        "  runs     prompt, route model",
        "  nats     pub lictor.out.finder.> ; sub lictor.in.finder.>, _INBOX_finder.> ; deny all else",
        "  policy   edges {triage→finder} ; replies {finder→triage}",
        "  tools    tool-finder-docs {all allow}   lictor.yaml:8",
        "  tools    tool-finder-sh {find_* allow, rm deny, all others ask}   lictor.yaml:11",
        "  models   m",
    ]
    assert "lines    lictor.yaml:4-11" in part
    assert "hidden" not in out


def test_yaml_and_json_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-o", "json") == Exit.DONE
    as_json = capsys.readouterr().out
    assert run("lictor.yaml", "-o", "yaml") == Exit.DONE
    as_yaml = capsys.readouterr().out
    assert json.loads(as_json) == yaml.safe_load(as_yaml)
    assert "hidden" not in as_json + as_yaml


def test_a_bad_file_has_no_plan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "lictor.yaml").write_text("agents: {a: {promt: x}}")
    assert run() == Exit.NO
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "error[L101]" in captured.err


def test_wrong_use() -> None:
    assert run("-o", "xml") == Exit.USAGE
    assert run("no.yaml") == Exit.USAGE
