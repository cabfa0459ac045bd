from pathlib import Path

import pytest
from definition_folder import load, plan_of

pytestmark = pytest.mark.slow

HEAD = "package lictor.user.x\n\nimport rego.v1\n\n"
A = "agents: {a: {prompt: x}}\npolicies: [x.rego, y.rego]\n"
GOOD = HEAD + 'deny contains d if { input.tool == "rm"; d := {"code": "x.rm", "reason": "no", "rule": "x"} }\n'


@pytest.mark.parametrize(
    ("text", "code", "file", "line", "said"),
    [
        (HEAD + "deny contains d if {\n", "L401", "x.rego", 6, "expect"),
        (HEAD + "deny contains d if { foo(1); d := {} }\n", "L402", "x.rego", 5, "foo may not be used"),
        (HEAD + 'deny contains d if { d := {"a": y} }\n', "L401", "x.rego", 5, "unsafe"),
        (HEAD + "deny contains d if { http.send({}); d := {} }\n", "L402", "x.rego", 5, "http.send"),
        ("package mine\n\nimport rego.v1\n\nx := 1\n", "L402", "x.rego", 1, "lictor.user.NAME"),
        ("package lictor.main\n\nimport rego.v1\n\nallow := true\n", "L402", "x.rego", 1, "lictor.user.NAME"),
        ("", "L401", "x.rego", 1, "package"),
    ],
)
def test_what_does_not_compile_is_shown_where_it_stands(
    tmp_path: Path, text: str, code: str, file: str, line: int, said: str
) -> None:
    loaded = load(tmp_path, A, {"x.rego": text, "y.rego": GOOD.replace("user.x", "user.y")})
    (problem,) = loaded.problems
    assert (problem.code, problem.span.file, problem.span.line) == (code, file, line)
    assert said in problem.message
    assert "backtrace" not in problem.message


def test_what_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.rego").write_bytes(b"\xff")
    (problem,) = load(tmp_path, A, {"y.rego": GOOD}).problems
    assert (problem.code, problem.span.file, problem.span.line) == ("L401", "team.yaml", 2)


def test_good_rules_are_part_of_the_plan(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, A, {"x.rego": GOOD, "y.rego": GOOD.replace("user.x", "user.y")})
    assert [path.name for path in plan.policies] == ["x.rego", "y.rego"]


def test_rego_is_checked_beside_other_errors(tmp_path: Path) -> None:
    loaded = load(tmp_path, A + "zoo: 1\n", {"x.rego": "package", "y.rego": GOOD})
    assert [problem.code for problem in loaded.problems] == ["L101", "L401"]
