from pathlib import Path

import pytest

from lictor.guardrails.policy.bundle import load_bundle
from lictor.guardrails.policy.embedded_rego import EmbeddedRego
from lictor.runtime.cli.main import main
from lictor.runtime.cli.quit import Exit
from lictor.runtime.definition.load import load_plan
from lictor.runtime.definition.render import render_problems

pytestmark = pytest.mark.slow


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["new", *arguments])
    return int(end.value.code or 0)


@pytest.mark.parametrize(("template", "agents"), [("solo", 1), ("rag", 1), ("desk", 3)])
def test_what_it_writes_is_valid_without_a_warning(
    tmp_path: Path, template: str, agents: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(tmp_path / "a/b"), "--template", template) == Exit.DONE
    written = capsys.readouterr().out.splitlines()
    assert str(tmp_path / "a/b/lictor.yaml") in written
    assert all(Path(name).is_file() for name in written)
    assert (tmp_path / "a/b/.gitignore").read_text().startswith(".lictor/\n")
    loaded = load_plan(Path("a/b/lictor.yaml"), environ={}, cwd=tmp_path, installed=lambda _: True)
    assert loaded.plan is not None, render_problems(loaded.problems, loaded.sources)
    assert loaded.problems == ()
    assert len(loaded.plan.agents) == agents
    assert [model.name for model in loaded.plan.models] == ["builtin/smollm2"]


def test_its_policy_denies_what_it_says(tmp_path: Path) -> None:
    assert run(str(tmp_path)) == Exit.DONE
    engine = EmbeddedRego(load_bundle({}, [tmp_path / "policies/house.rego"]))
    call = {"sender": "a", "target": "tool-b", "kind": "mcp", "request_kind": "", "method": "tools/call", "model": ""}
    reasons = [denial.reason for denial in engine.decide("route", {**call, "tool": "delete_file"}).denials]
    assert "a may not call delete_file: nothing is deleted here" in reasons
    others = [denial.reason for denial in engine.decide("route", {**call, "tool": "read_file"}).denials]
    assert not any("deleted" in reason for reason in others)


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lictor.yaml").write_text("mine")
    assert run(str(tmp_path), "--template", "desk") == Exit.USAGE
    assert "already there: lictor.yaml" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["lictor.yaml"]
    assert (tmp_path / "lictor.yaml").read_text() == "mine"


def test_an_unknown_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path), "--template", "castle") == Exit.USAGE
    assert "there are solo, rag, desk" in capsys.readouterr().err
