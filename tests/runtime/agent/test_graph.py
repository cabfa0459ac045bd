from mediated_team import MODEL, agent, running_team

from lictor.protocols.a2a.reading import Citation
from lictor.runtime.agent.assignment import Assignment
from lictor.runtime.agent.calls import Calls, Reply
from lictor.runtime.agent.catalogue import ToolCatalogue
from lictor.runtime.agent.chat_model import MeshChatModel
from lictor.runtime.agent.graph import PromptContext, after_choosing, build_graph, model_of
from lictor.runtime.agent.solver import Desk
from lictor.runtime.agent.steps import Action, Choice, ChoiceKind


def test_an_action_leads_to_acting_and_none_to_the_answer() -> None:
    assert after_choosing({"action": Action(Choice("a", ChoiceKind.AGENT, "a"), {})}) == "act"
    assert after_choosing({"action": None}) == "answer"


def test_the_model_is_named_by_its_answer() -> None:
    assert model_of({"model_name": "m1"}) == "m1"
    assert model_of({}) == ""


async def test_an_agent_without_tools_or_delegates_answers_from_what_it_was_given() -> None:
    plan = agent("writer")
    given = (Citation("returns.md", "Returns", "Return it within 30 days."),)
    async with running_team(plan, say=lambda _: "Within 30 days.", absent=["writer"]) as team:
        mesh = await team.mesh("writer")
        async with team.task("writer") as thread:
            assignment = Assignment("How long?", given, thread, until=2e9)
            model = MeshChatModel(mesh=mesh, models=(MODEL,), thread=thread)
            desk = Desk(assignment, Calls(mesh, ToolCatalogue(mesh, []), assignment), model)

            state = await build_graph().ainvoke({"steps": []}, context=PromptContext(plan, {}, desk))

    assert state["reply"] == Reply("Within 30 days.", given, "scripted-1")
    assert "30 days" in team.heard[MODEL].requests[0]["messages"][-1]["content"]
