import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from definition_folder import write

from lictor.runtime.cli.main import main
from lictor.runtime.cli.quit import Exit

GOOD = "models: {m: {scripted: r.yaml}}\nagents: {a: {prompt: x, model: m, delegates: [b]}, b: {prompt: x, model: m}}\n"
WARNED = "models: {m: {scripted: r.yaml}}\nagents: {a: {prompt: x, model: m, route: in-order}}\n"
BAD = "agents: {a: {promt: x, delegates: [c]}, b: {prompt: x, timeout: 3}}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {"lictor.yaml": GOOD, "warned.yaml": WARNED, "bad.yaml": BAD, "r.yaml": "[]"})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["validate", *arguments])
    return int(end.value.code or 0)


def test_a_good_file_is_told_on_stderr_and_stdout_stays_empty(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == Exit.DONE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "lictor.yaml: valid, 2 agents, 1 edge, 1 model\n"


def test_every_error_of_every_file_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bad.yaml", "lictor.yaml") == Exit.NO
    captured = capsys.readouterr()
    assert [line.partition(":")[0] for line in captured.out.splitlines() if line.startswith("error")] == [
        "error[L101]",
        "error[L201]",
        "error[L103]",
    ]
    assert "bad.yaml: 3 errors\n" in captured.err
    assert "lictor.yaml: valid" in captured.err


def test_warnings_pass_unless_strict(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("warned.yaml") == Exit.DONE
    assert "warned.yaml: valid, 1 agent, 1 model (1 warning)\n" in capsys.readouterr().err
    assert run("warned.yaml", "--strict") == Exit.NO


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bad.yaml", "-o", "json") == Exit.NO
    document = json.loads(capsys.readouterr().out)
    assert (document["kind"], document["valid"], len(document["items"])) == ("ProblemList", False, 3)
    assert run("-o", "json") == Exit.DONE
    assert json.loads(capsys.readouterr().out)["valid"] is True


def test_formats_of_code_hosts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bad.yaml", "-o", "github") == Exit.NO
    assert capsys.readouterr().out.startswith("::error file=bad.yaml,line=1,col=14,title=L101::")
    assert run("bad.yaml", "-o", "sarif") == Exit.NO
    assert json.loads(capsys.readouterr().out)["version"] == "2.1.0"


def test_wrong_use(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("nothing.yaml") == Exit.USAGE
    assert "there is no file nothing.yaml" in capsys.readouterr().err
    assert run("-o", "xml") == Exit.USAGE
    assert run(str(folder)) == Exit.USAGE


@pytest.mark.slow
def test_two_hundred_agents_take_less_than_a_second_of_work(folder: Path) -> None:
    agents = "".join(
        f"  a{n}:\n    description: Agent number {n}.\n    prompt: Do it.\n    model: m\n    timeout: 30s\n"
        f"    delegates: [{', '.join(f'a{m}' for m in range(n + 1, min(n + 3, 200)))}]\n"
        "    supervise: {restart: always, intensity: 5/1m, backoff: 1s..30s}\n"
        for n in range(200)
    )
    (folder / "big.yaml").write_text(f"models: {{m: {{scripted: r.yaml}}}}\nagents:\n{agents}")
    code = (
        "import sys, time\n"
        "from lictor.runtime.cli.main import main\n"
        "try:\n    main(['validate', 'big.yaml'])\n"
        "finally:\n    print(time.process_time())\n"
    )
    spent: list[float] = []
    for _ in range(3):
        started = time.monotonic()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
        assert "big.yaml: valid, 200 agents" in done.stderr
        spent.append(min(float(done.stdout), time.monotonic() - started))
    assert min(spent) < 1.0, "of processor time, start included: others may be using this machine"
