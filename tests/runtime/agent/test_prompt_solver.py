from mediated_team import MODEL, agent, running_team

from lictor.runtime.agent.assignment import Assignment
from lictor.runtime.agent.calls import Calls
from lictor.runtime.agent.catalogue import ToolCatalogue
from lictor.runtime.agent.chat_model import MeshChatModel
from lictor.runtime.agent.prompt_solver import PromptSolver
from lictor.runtime.agent.solver import Desk


async def test_pieces_are_emitted_only_for_a_caller_who_reads_along() -> None:
    pieces: list[str] = []

    async def emit(piece: str) -> None:
        pieces.append(piece)

    plan = agent("writer")
    async with running_team(plan, say=lambda _: "one two", absent=["writer"]) as team:
        mesh = await team.mesh("writer")
        async with team.task("writer") as thread:
            for streams in (False, True):
                assignment = Assignment("?", thread=thread, until=2e9, streams=streams)
                model = MeshChatModel(mesh=mesh, models=(MODEL,), thread=thread)
                desk = Desk(assignment, Calls(mesh, ToolCatalogue(mesh, []), assignment), model)
                reply = await PromptSolver(plan, {}).solve(desk, emit)
                assert (reply.text, reply.model) == ("one two", "scripted-1")

    assert pieces == ["one ", "two "]
    assert [request.get("stream") for request in team.heard[MODEL].requests] == [None, True]
