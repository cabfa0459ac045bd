"""Writing a contract before a task reads anything."""

import json
from pathlib import Path

import pytest
from mediated_team import agent, running_team, uses

from lictor.runtime.agent.failures import InvalidGraph
from lictor.runtime.agent.planner import Planner, load_planner


def write(folder: Path, text: str) -> str:
    (folder / "planner.py").write_text(text, encoding="utf-8")
    return "planner.py:plan"


async def no_model(_question: str) -> str:
    raise AssertionError("the model was asked")


async def test_a_function_of_two_or_three_parameters(tmp_path: Path) -> None:
    async def asked(question: str) -> str:
        return f"contract: 1 # {question}"

    two = load_planner(write(tmp_path, "def plan(prompt, tools):\n    return {'p': prompt, 't': tools}\n"), tmp_path)
    assert await two.write("do it", [{"name": "x"}], no_model) == {"p": "do it", "t": [{"name": "x"}]}
    three = load_planner(
        write(tmp_path, "async def plan(prompt, tools, ask):\n    return await ask(prompt)\n"), tmp_path
    )
    assert await three.write("do it", [], asked) == "contract: 1 # do it"
    assert await Planner(lambda _prompt, _tools: None, "p").write("", [], no_model) is None
    with pytest.raises(InvalidGraph, match="p returned int"):
        await Planner(lambda _prompt, _tools: 3, "p").write("", [], no_model)


@pytest.mark.parametrize(
    ("text", "reference", "said"),
    [
        ("", "other.py:plan", "there is no such file"),
        ("x = 1\n", "planner.py:plan", "it defines no function 'plan'"),
        ("plan = 3\n", "planner.py:plan", "it defines no function 'plan'"),
        ("\n1/0\n", "planner.py:plan", "planner.py:2: ZeroDivisionError"),
    ],
)
def test_what_is_no_planner(tmp_path: Path, text: str, reference: str, said: str) -> None:
    write(tmp_path, text)

    with pytest.raises(InvalidGraph, match=said):
        load_planner(reference, tmp_path)


PLAN = """def plan(prompt, tools):
    return {"contract": 1, "description": prompt, "tools": {tool["name"]: {} for tool in tools}}
"""


async def test_the_contract_is_declared_before_the_first_call(tmp_path: Path) -> None:
    plan = agent("clerk", tools=uses("tool-crm"), planner=write(tmp_path, PLAN), folder=tmp_path)
    async with running_team(plan, say=lambda _: "done") as team:
        await team.add_tools("tool-crm", {"find": lambda _: {"content": [{"type": "text", "text": "x"}]}})

        assert (await team.ask("clerk", "find x")).state == "completed"

        said = [entry for entry in team.entries if entry.sender == "clerk" and entry.kind == "mcp"]
        methods = [(entry.target, entry.method) for entry in said]
        assert methods.index(("enforcer", "contract.declare")) < methods.index(("tool-crm", "find"))
        taken = next(json.loads(entry.body) for entry in team.entries if entry.sender == "enforcer")
        assert taken["result"]["structuredContent"]["spares_approvals"] is True
        declared = next(json.loads(entry.body) for entry in said if entry.target == "enforcer")
        assert declared["params"]["arguments"] == {
            "contract": {"contract": 1, "description": "find x", "tools": {"find": {}}}
        }


@pytest.mark.parametrize("text", ["def plan(prompt, tools):\n    return 1 / 0\n", "def plan(*_):\n    return None\n"])
async def test_without_a_contract_the_task_goes_on(tmp_path: Path, text: str) -> None:
    plan = agent("clerk", planner=write(tmp_path, text), folder=tmp_path)
    async with running_team(plan, say=lambda _: "done") as team:
        outcome = await team.ask("clerk", "hello")

        assert (outcome.state, outcome.text) == ("completed", "done")
        assert not [entry for entry in team.entries if entry.target == "enforcer"]
