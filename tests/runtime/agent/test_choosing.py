import pytest
from mediated_team import agent, passage, running_team, uses

from lictor.protocols.errors import Refusal, Refused
from lictor.protocols.mcp.client import ToolDescription
from lictor.runtime.agent.assignment import Assignment
from lictor.runtime.agent.calls import Calls
from lictor.runtime.agent.catalogue import ToolCatalogue
from lictor.runtime.agent.choosing import is_offered, list_choices, name_choices, refused_sentence, take
from lictor.runtime.agent.steps import Action, Choice, ChoiceKind, Outcome
from lictor.runtime.definition.plan import Permit


@pytest.mark.parametrize(
    ("permit", "offered"),
    [
        (Permit(), True),
        (Permit(allow=("find_*",)), True),
        (Permit(allow=("get_*",)), False),
        (Permit(ask=("find_*",)), True),
        (Permit(allow=("*",), deny=("find_all",)), False),
    ],
)
def test_a_tool_is_offered_unless_its_permit_rules_it_out(permit: Permit, offered: bool) -> None:
    assert is_offered(permit, "find_all") is offered


def test_names_of_choices_are_unique() -> None:
    listed = [("tool-a", "x"), ("tool-b", "x"), ("tool-a", "y"), ("tool-a", "w"), ("tool-a", "answer")]
    tools = [ToolDescription(server, name, "", {}) for server, name in listed]

    names = [choice.name for choice in name_choices(tools, {"w": "writes", "answer": ""})]

    assert names == ["a/x", "b/x", "y", "a/w", "a/answer", "w", "agent/answer"]


def test_a_refusal_is_told_with_its_place() -> None:
    refusal = Refusal("0" * 32, "route", "route.no_edge", "no such edge", file="team.yaml", line=4)

    assert refused_sentence("writer", Refused(refusal)) == "writer was refused: no such edge (team.yaml:4)"


async def test_a_server_that_cannot_be_listed_is_a_step_and_not_an_error() -> None:
    plan = agent("triage", tools=uses("tool-gone", "tool-handbook", "tool-foreign"), delegates=("writer",))
    async with running_team(agent("triage", tools=plan.tools[:2]), absent=["triage"]) as team:
        await team.add_tools("tool-handbook", {"search": lambda _: {}})
        mesh = await team.mesh("triage")
        calls = Calls(mesh, ToolCatalogue(mesh, [use.tool for use in plan.tools]), Assignment("?", until=2e9))

        choices, missing = await list_choices(plan, {"writer": "writes"}, calls)

        assert [(choice.name, choice.kind, choice.target) for choice in choices] == [
            ("search", ChoiceKind.TOOL, "tool-handbook"),
            ("writer", ChoiceKind.AGENT, "writer"),
        ]
        assert [step.outcome for step in missing] == [Outcome.FAILED, Outcome.REFUSED]
        assert missing[0].observation == "tool-gone is not there"
        assert missing[1].observation.startswith("foreign was refused: ")


async def test_what_a_tool_did_becomes_a_step() -> None:
    failing = {"content": [{"type": "text", "text": "no disk"}], "isError": True}
    async with running_team(agent("triage", tools=uses("tool-a")), absent=["triage"]) as team:
        await team.add_tools("tool-a", {"good": lambda _: passage("a.md", "A", "yes"), "bad": lambda _: failing})
        mesh = await team.mesh("triage")
        async with team.task("triage") as thread:
            calls = Calls(mesh, ToolCatalogue(mesh, ["tool-a"]), Assignment("?", thread=thread, until=2e9))

            good = await take(Action(Choice("good", ChoiceKind.TOOL, "tool-a", "good"), {}), calls)
            bad = await take(Action(Choice("bad", ChoiceKind.TOOL, "tool-a", "bad"), {}), calls)
            gone = await take(Action(Choice("erin", ChoiceKind.AGENT, "erin"), {"text": "?"}), calls)

        assert (good.outcome, good.observation, good.citations[0].file) == (Outcome.DONE, "yes", "a.md")
        assert (bad.outcome, bad.observation) == (Outcome.FAILED, "bad failed: no disk")
        assert gone.outcome is Outcome.REFUSED
        assert gone.observation.startswith("erin was refused: ")
