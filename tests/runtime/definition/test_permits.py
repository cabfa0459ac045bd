from pathlib import Path

import pytest
from definition_folder import codes, load, plan_of

from lictor.runtime.definition.permits import read_permit

FILES = {"t.py": "def f(): ...\n"}


def text(permit: str) -> str:
    return f"agents:\n  a:\n    prompt: x\n    tools:\n      - python: t.py:f\n        permit: {permit}\n"


def test_no_permit_is_an_empty_one(tmp_path: Path) -> None:
    agent = plan_of(tmp_path, "agents: {a: {prompt: x, tools: [{python: 't.py:f'}]}}", FILES).agents[0]
    assert (agent.tools[0].permit.allow, agent.tools[0].permit.calls, agent.tools[0].explicit) == ((), (), False)
    assert read_permit(None, None, ())[1] == []  # type: ignore[arg-type]


def test_names_and_calls_are_kept_apart(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        text("{allow: [find, 'send(to=*@x.com)'], ask: ['find(all=true)'], deny: ['*(to=*@y.com)', rm]}"),
        FILES,
    )
    permit = plan.agents[0].tools[0].permit
    assert (permit.allow, permit.ask, permit.deny) == (("find",), (), ("rm",))
    assert [(call.verdict, call.tool, call.line) for call in permit.calls] == [
        ("allow", "send", 6),
        ("ask", "find", 6),
        ("deny", "*", 6),
    ]
    (data,) = plan.policy_data["permits"]["a"].values()
    assert (data["allow"], data["plain"], data["deny"]) == (["find", "send"], ["find"], ["rm"])
    assert data["calls"][0]["arguments"] == [
        {"path": ["to"], "sign": "=", "glob": "*@x.com", "pattern": r"(?s)\A.*@x\.com\z"}
    ]
    assert plan.policy_data["features"] == ["arguments"]


@pytest.mark.parametrize(
    ("permit", "column", "said"),
    [
        ("{allow: ['x[a']}", 26, "not a glob"),
        ("{allow: ['x(a=']}", 26, "not a call"),
        ("{allow: [f, 'x(a<b)']}", 29, "not a number"),
        ("{deny: ['x<(a=1)'], allow: [f]}", 25, "not a glob"),
    ],
)
def test_what_is_neither_is_told_at_its_place(tmp_path: Path, permit: str, column: int, said: str) -> None:
    loaded = load(tmp_path, text(permit), FILES)
    assert codes(loaded) == [f"L117 6:{column}"]
    assert said in loaded.problems[0].message


def test_a_permit_that_allows_nothing_is_a_warning(tmp_path: Path) -> None:
    assert codes(load(tmp_path, text("{deny: [f]}"), FILES)) == ["L306 6:9"]
