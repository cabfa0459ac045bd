from pathlib import Path

from definition_folder import load

from lictor.runtime.cli.definition_report import github_lines, problem_items, sarif

TEXT = "agents:\n  a: {promt: x, route: in-order}\n  a: {prompt: x}\nguards: {rate: '5%,\\n'}\n"


def test_items_hold_everything(tmp_path: Path) -> None:
    items = problem_items(load(tmp_path, TEXT), strict=False)
    assert items[0] == {
        "code": "L101",
        "severity": "error",
        "message": "unknown key 'promt' in agents.a",
        "file": "team.yaml",
        "line": 2,
        "column": 7,
        "end_column": 12,
        "hint": "did you mean 'prompt'?",
        "related": [],
        "docs": "lictor errors lookup L101",
    }
    assert items[1]["related"] == [{"file": "team.yaml", "line": 2, "column": 3, "note": "first here"}]


def test_strict_makes_warnings_errors(tmp_path: Path) -> None:
    loaded = load(tmp_path, "agents: {a: {prompt: x, route: in-order}}")
    assert [item["severity"] for item in problem_items(loaded, strict=False)] == ["warning"]
    assert [item["severity"] for item in problem_items(loaded, strict=True)] == ["error"]


def test_sarif(tmp_path: Path) -> None:
    (run,) = sarif([load(tmp_path, TEXT)], strict=False)["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["L101", "L103", "L108"]
    result = run["results"][0]
    assert (result["ruleId"], result["level"]) == ("L101", "error")
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "team.yaml"},
        "region": {"startLine": 2, "startColumn": 7, "endColumn": 12},
    }


def test_annotations_are_one_line_each(tmp_path: Path) -> None:
    lines = list(github_lines(load(tmp_path, TEXT), strict=False))
    assert lines[0] == (
        "::error file=team.yaml,line=2,col=7,title=L101::unknown key 'promt' in agents.a (did you mean 'prompt'?)"
    )
    assert all("\n" not in line for line in lines)
