"""An agent as its callers meet it, on the in-memory bus with the real layers."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mediated_team import MODEL, OPERATOR, agent, passage, passages, running_team, uses

from lictor.protocols.a2a.reading import Citation
from lictor.protocols.a2a.writing import cancel_task, get_task, send_message
from lictor.protocols.errors import MeshUnavailable
from lictor.protocols.identifiers import new_id
from lictor.protocols.mesh import Delivery, Thread
from lictor.protocols.subjects import Kind
from lictor.runtime.agent.failures import InvalidGraph
from lictor.runtime.definition.plan import AgentPlan, Budget, Permit

QUESTION = "How long may I return an item?"
RETURNS = passage("returns.md", "Returns", "You may return any item within 30 days of delivery.")


def last_message(request: dict[str, Any]) -> str:
    return str(request["messages"][-1]["content"])


def acts(*actions: tuple[str, str]) -> Any:
    """Return a model that chooses these actions in turn, then answers `done`."""
    left = list(actions)

    def say(request: dict[str, Any]) -> str:
        wanted = request.get("response_format", {}).get("json_schema", {})
        if wanted.get("name") == "action":
            action, text = left.pop(0) if left else ("answer", "")
            return json.dumps({"action": action, "input": text})
        return "done"

    return say


async def test_an_agent_answers_from_what_its_tool_found_and_cites_it() -> None:
    async with running_team(agent("retriever", tools=uses("tool-handbook")), say=lambda _: "Within 30 days.") as team:
        await team.add_tools("tool-handbook", {"search": lambda _: RETURNS})

        outcome = await team.ask("retriever", QUESTION)

        assert (outcome.state, outcome.text, outcome.model) == ("completed", "Within 30 days.", "scripted-1")
        assert [(each.file, each.heading) for each in outcome.citations] == [("returns.md", "Returns")]
        assert team.heard["tool-handbook"].requests[-1]["arguments"] == {"query": QUESTION}
        shown = last_message(team.heard[MODEL].requests[0])
        assert shown.index("30 days") < shown.index(QUESTION)


async def test_in_order_takes_tools_then_delegates_once_each_and_relays_the_last_answer() -> None:
    triage = agent("triage", tools=uses("tool-handbook"), delegates=("checker", "writer"))
    said = {"You are checker.": "it is right", "You are writer.": "Thirty days."}

    async with running_team(
        triage, agent("checker"), agent("writer"), say=lambda request: said[request["messages"][0]["content"]]
    ) as team:
        await team.add_tools("tool-handbook", {"search": lambda _: RETURNS})

        outcome = await team.ask("triage", QUESTION)

        assert (outcome.state, outcome.text, outcome.model) == ("completed", "Thirty days.", "scripted-1")
        assert outcome.citations == (Citation("returns.md", "Returns", RETURNS["content"][0]["text"]),)
        sent = [entry.target for entry in team.entries if entry.sender == "triage" and entry.kind != "reply"]
        assert sent == ["tool-handbook", "tool-handbook", "checker", "writer"]
        assert all("30 days" in last_message(each) for each in team.heard[MODEL].requests)


async def test_the_thread_is_passed_on_to_everyone() -> None:
    triage = agent("triage", tools=uses("tool-handbook"), delegates=("writer",))
    async with running_team(triage, agent("writer"), say=lambda _: "ok") as team:
        await team.add_tools("tool-handbook", {"search": lambda _: RETURNS})
        await team.ask("triage", QUESTION)

        asked = [
            entry for entry in team.entries if entry.kind in ("a2a", "mcp", "model") and entry.method != "tools/list"
        ]
        assert len({entry.task for entry in asked}) == 1
        by_target = {entry.target: entry for entry in asked}
        assert by_target["writer"].parent == by_target["triage"].id
        assert by_target[MODEL].parent == by_target["writer"].id
        assert by_target["writer"].hops == 2


async def test_a_model_routes_by_constrained_actions() -> None:
    triage = agent("triage", route="model", tools=uses("tool-handbook"), delegates=("writer",))
    say = acts(("search", "return period"), ("writer", "say it nicely"))
    async with running_team(triage, agent("writer"), say=say) as team:
        await team.add_tools("tool-handbook", {"search": lambda _: RETURNS})

        outcome = await team.ask("triage", QUESTION)

        assert (outcome.state, outcome.text) == ("completed", "done")
        assert team.heard["tool-handbook"].requests[-1]["arguments"] == {"query": "return period"}
        schema = team.heard[MODEL].requests[0]["response_format"]["json_schema"]["schema"]
        assert schema["properties"]["action"]["enum"] == ["search", "writer", "answer"]
        assert "writer does its part" in last_message(team.heard[MODEL].requests[0])


async def test_a_tool_that_needs_more_than_a_text_gets_arguments_from_the_model() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "required": ["a", "b"],
        "additionalProperties": False,
    }

    def say(request: dict[str, Any]) -> str:
        wanted = request.get("response_format", {}).get("json_schema", {}).get("schema")
        return json.dumps({"a": 2, "b": 3}) if wanted == schema else "5"

    async with running_team(agent("adder", tools=uses("tool-sums")), say=say) as team:
        await team.add_tools(
            "tool-sums",
            {"add": lambda given: {"content": [{"type": "text", "text": str(given["a"] + given["b"])}]}},
            {"add": schema},
        )

        assert (await team.ask("adder", "2 and 3?")).text == "5"
        assert team.heard["tool-sums"].requests[-1]["arguments"] == {"a": 2, "b": 3}
        assert "add says: 5" in last_message(team.heard[MODEL].requests[-1])


async def test_a_refused_delegate_is_seen_by_the_agent_and_the_task_goes_on() -> None:
    plans = agent("triage", route="model", delegates=("writer",)), agent("writer")
    async with running_team(*plans, say=acts(("legal", "may I?"))) as team:
        # The agent believes in an edge that the policy does not have, as a stale or hostile agent would.
        service = team.services["triage"]
        await service.close()
        await team.add_agent(replace(plans[0], delegates=("legal",)), {"legal": "knows the law"})

        outcome = await team.ask("triage", QUESTION)

        assert (outcome.state, outcome.text) == ("completed", "done")
        shown = last_message(team.heard[MODEL].requests[-1])
        assert "legal was refused: " in shown
        assert "(team.yaml:10)" in shown
        assert team.verdicts("triage", "legal") == ["deny"]


async def test_a_refused_tool_is_seen_by_the_agent_and_the_task_goes_on() -> None:
    permit = Permit(allow=("search",), deny=("erase",))
    plan = agent("cleaner", tools=uses("tool-files", permit=permit))
    async with running_team(plan, say=lambda _: "done") as team:
        await team.services["cleaner"].close()
        await team.add_agent(replace(plan, tools=uses("tool-files")), {})  # it shows itself what it may not call
        await team.add_tools("tool-files", {"erase": lambda _: {"content": []}})

        outcome = await team.ask("cleaner", "erase all")

        assert (outcome.state, outcome.text) == ("completed", "done")
        assert "erase was refused: cleaner may not call erase" in last_message(team.heard[MODEL].requests[-1])
        assert [each["method"] for each in team.heard["tool-files"].requests] == ["tools/list"]


async def test_a_tool_that_its_permit_rules_out_is_not_even_tried() -> None:
    plan = agent("cleaner", tools=uses("tool-files", permit=Permit(allow=("search",))))
    async with running_team(plan, say=lambda _: "done") as team:
        await team.add_tools("tool-files", {"search": lambda _: RETURNS, "erase": lambda _: {"content": []}})

        await team.ask("cleaner", QUESTION)

        assert [each["tool"] for each in team.heard["tool-files"].requests] == ["", "search"]


async def test_a_tools_error_is_seen_by_the_agent() -> None:
    failing = {"content": [{"type": "text", "text": "the index is empty"}], "isError": True}
    async with running_team(agent("retriever", tools=uses("tool-handbook")), say=lambda _: "sorry") as team:
        await team.add_tools("tool-handbook", {"search": lambda _: failing})

        assert (await team.ask("retriever", QUESTION)).text == "sorry"
        assert "search failed: the index is empty" in last_message(team.heard[MODEL].requests[0])


async def test_a_tool_that_hangs_costs_its_own_time_and_not_the_tasks() -> None:
    async def hang(_: dict[str, Any]) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    (use,) = uses("tool-handbook")
    plan = agent("retriever", tools=(replace(use, timeout=0.2),))
    async with running_team(plan, say=lambda _: "sorry") as team:
        await team.add_tools("tool-handbook", {"search": hang})

        assert (await team.ask("retriever", QUESTION)).text == "sorry"
        assert "tool-handbook did not answer in time" in last_message(team.heard[MODEL].requests[0])


async def test_dead_tools_and_delegates_are_seen_by_the_agent() -> None:
    plans = agent("triage", tools=uses("tool-gone"), delegates=("writer",)), agent("writer")
    async with running_team(*plans, say=lambda _: "alone", absent=["writer"]) as team:
        outcome = await team.ask("triage", QUESTION)

        assert (outcome.state, outcome.text) == ("completed", "alone")
        shown = last_message(team.heard[MODEL].requests[0])
        assert "tool-gone is not there" in shown
        assert "writer is not there" in shown


async def test_a_failed_delegate_is_seen_with_its_sentence() -> None:
    plans = agent("triage", delegates=("writer",)), agent("writer", models=("model-none",))
    async with running_team(*plans, say=lambda _: "alone") as team:
        assert (await team.ask("triage", QUESTION)).text == "alone"
        assert "writer could not do it: no model answered: model-none" in last_message(team.heard[MODEL].requests[0])


async def test_a_dead_model_fails_the_task_clearly() -> None:
    async with running_team(agent("writer")) as team:
        outcome = await team.ask("writer", QUESTION)

        assert outcome.state == "failed"
        assert outcome.text.startswith(f"no model answered: {MODEL}: ")


async def test_a_fallback_model_answers_for_a_dead_one() -> None:
    async with running_team(agent("writer", models=("model-none", MODEL)), say=lambda _: "second") as team:
        assert (await team.ask("writer", QUESTION)).text == "second"


async def test_a_refused_model_call_fails_the_task_with_the_reason() -> None:
    plan = agent("writer")
    async with running_team(plan, say=lambda _: "never") as team:
        await team.services["writer"].close()
        await team.add_agent(replace(plan, models=("model-dear", MODEL)), {})

        outcome = await team.ask("writer", QUESTION)

        assert outcome.state == "failed"
        assert outcome.text.startswith("refused by route: ")
        assert "model-dear" in outcome.text
        assert team.heard[MODEL].requests == []


async def test_the_deadline_fails_the_task_before_the_caller_gives_up() -> None:
    never = asyncio.Event()

    async def say(_: dict[str, Any]) -> str:
        await never.wait()
        return ""

    async with running_team(agent("writer"), say=say) as team:
        outcome = await team.ask("writer", QUESTION, seconds=0.5)

        assert (outcome.state, outcome.text) == ("failed", "its time was over")


async def test_the_budget_of_time_fails_the_task() -> None:
    never = asyncio.Event()

    async def say(_: dict[str, Any]) -> str:
        await never.wait()
        return ""

    async with running_team(agent("writer", budget=Budget(time=0.2)), say=say) as team:
        assert (await team.ask("writer", QUESTION)).text == "its time was over"


async def test_a_model_that_calls_the_same_thing_again_and_again_ends_in_a_tool_loop() -> None:
    plan = agent("triage", route="model", tools=uses("tool-handbook"))
    async with running_team(plan, say=acts(*[("search", "again")] * 9)) as team:
        await team.add_tools("tool-handbook", {"search": lambda _: RETURNS, "other": lambda _: RETURNS})

        outcome = await team.ask("triage", QUESTION)

        assert (outcome.state, outcome.text) == ("failed", "triage calls search again and again")
        assert [each["tool"] for each in team.heard["tool-handbook"].requests] == ["", "search"]


async def test_a_model_that_names_no_action_fails_the_task() -> None:
    plan = agent("triage", route="model", tools=uses("tool-handbook"))
    async with running_team(plan, say=lambda _: "I would rather not") as team:
        await team.add_tools("tool-handbook", {"search": lambda _: RETURNS})

        assert (await team.ask("triage", QUESTION)).text == "the model of triage did not choose a next action"


async def test_a_task_is_canceled_while_it_runs() -> None:
    never = asyncio.Event()

    async def say(_: dict[str, Any]) -> str:
        await never.wait()
        return ""

    async with running_team(agent("writer"), say=say) as team:
        task: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def follow() -> list[str]:
            states = []
            async for event in team.events("writer", QUESTION):
                states.append(event.state)
                if not task.done():
                    task.set_result(event.task)
            return states

        following = asyncio.create_task(follow())
        async with asyncio.timeout(10):
            await team.heard[MODEL].arrived.wait()
            outcome = await team.call("writer", cancel_task(await task))

            assert outcome.state == "canceled"
            assert await following == ["submitted", "working", "canceled"]
            again = await team.call("writer", cancel_task(await task))
            assert again.code == -32002


async def test_another_caller_sees_and_cancels_nothing() -> None:
    async with running_team(agent("writer"), say=lambda _: "mine") as team:
        task = (await team.ask("writer", QUESTION)).task

        assert (await team.call("writer", get_task(task))).text == "mine"
        assert (await team.call("writer", get_task(task), sender="op-other")).code == -32001
        assert (await team.call("writer", cancel_task(task), sender="op-other")).code == -32001
        assert (await team.call("writer", send_message("more", task=task), sender="op-other")).code == -32001


async def test_a_caller_reads_the_answer_while_it_is_written() -> None:
    async with running_team(agent("writer"), say=lambda _: "one two three") as team:
        events = await team.follow("writer", QUESTION)

        assert [event.state for event in events if event.state] == ["submitted", "working", "completed"]
        pieces = [event for event in events if not event.state]
        assert [piece.text for piece in pieces[:-1]] == ["one ", "two ", "three "]
        assert [piece.append for piece in pieces[:-1]] == [False, True, True]
        assert (pieces[-1].text, pieces[-1].last, pieces[-1].append) == ("one two three", True, False)
        assert pieces[-1].model == "scripted-1"
        stored = await team.call("writer", get_task(events[0].task))
        assert stored.text == "one two three"


async def test_tasks_run_at_once() -> None:
    together = asyncio.Barrier(8)

    async def say(request: dict[str, Any]) -> str:
        await together.wait()
        return last_message(request)

    async with running_team(agent("writer"), say=say) as team, asyncio.timeout(10):
        outcomes = await asyncio.gather(*(team.ask("writer", f"question {number}") for number in range(8)))

        assert [outcome.text for outcome in outcomes] == [f"question {number}" for number in range(8)]


async def test_tools_are_listed_once_for_many_tasks_and_again_after_a_refusal() -> None:
    async with running_team(agent("retriever", tools=uses("tool-handbook")), say=lambda _: "ok") as team:
        await team.add_tools("tool-handbook", {"search": lambda _: RETURNS})
        await asyncio.gather(*(team.ask("retriever", QUESTION) for _ in range(4)))

        listings = [each for each in team.heard["tool-handbook"].requests if each["method"] == "tools/list"]
        assert len(listings) == 1


async def test_an_answer_satisfies_the_schema_or_the_task_fails() -> None:
    schema = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}
    said = ["thirty", '{"days": 30}']
    async with running_team(agent("writer", output=schema), say=lambda _: said.pop(0) if said else "{}") as team:
        first = await team.ask("writer", QUESTION)
        second = await team.ask("writer", QUESTION)

        assert (first.state, json.loads(first.text)) == ("completed", {"days": 30})
        assert second.state == "failed"
        assert second.text == "the answer of writer does not satisfy its schema: $ breaks the rule 'required'"
        assert team.heard[MODEL].requests[0]["response_format"]["json_schema"]["schema"] == schema


async def test_without_an_enforcer_a_running_task_fails_clearly() -> None:
    plan = agent("triage", delegates=("writer",))
    async with running_team(plan, agent("writer"), say=lambda _: "ok") as team:
        mesh = await team.mesh(OPERATOR)

        async def vanish(delivery: Delivery) -> None:
            team.bus.mediator = None

        await team.services["writer"].close()
        await team.serve("writer", vanish)
        with pytest.raises((MeshUnavailable, TimeoutError)):
            await mesh.request(Kind.A2A, "triage", send_message(QUESTION), timeout=0.5, thread=Thread(task=new_id()))


async def test_closing_fails_what_runs_with_a_word_to_its_caller() -> None:
    never = asyncio.Event()

    async def say(_: dict[str, Any]) -> str:
        await never.wait()
        return ""

    async with running_team(agent("writer"), say=say) as team, asyncio.timeout(10):
        asking = asyncio.create_task(team.ask("writer", QUESTION))
        await team.heard[MODEL].arrived.wait()
        await team.services["writer"].close()
        await team.services["writer"].close()

        outcome = await asking
        assert (outcome.state, outcome.text) == ("failed", "writer was stopped before it was done")


async def test_an_agent_answers_a2a_alone() -> None:
    plan = agent("writer")
    async with running_team(plan, say=lambda _: "ok", extra={"tool-odd": {"writer": "mcp"}}) as team:
        mesh = await team.mesh("tool-odd")

        answer = await mesh.request(
            Kind.MCP, "writer", b'{"jsonrpc":"2.0","id":1,"method":"ping"}', timeout=5, thread=Thread()
        )

        assert json.loads(answer.body)["error"]["code"] == -32601


GRAPH = """
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.runtime import Runtime
from lictor.runtime.agent.authoring import Lictor, Refused

async def write(state: MessagesState, runtime: Runtime[Lictor]) -> MessagesState:
    lictor = runtime.context
    try:
        await lictor.delegate("retriever", "more?")
    except Refused as refused:
        note = f"{refused.refusal.file}:{refused.refusal.line}"
    return {"messages": [await lictor.model.ainvoke([("user", f"{lictor.question} {note}")])]}

graph = StateGraph(MessagesState, context_schema=Lictor)
graph.add_node("write", write)
graph.add_edge(START, "write")
graph.add_edge("write", END)
"""


def graph_agent(folder: Path, text: str, name: str = "writer", **changes: Any) -> AgentPlan:
    (folder / f"{name}.py").write_text(text)
    return agent(name, prompt="", graph=f"{name}.py:graph", folder=folder, **changes)


async def test_a_users_graph_runs_with_the_task_as_its_context(tmp_path: Path) -> None:
    plan = graph_agent(tmp_path, GRAPH)
    async with running_team(plan, agent("retriever"), say=last_message) as team:
        outcome = await team.ask("writer", QUESTION)

        assert (outcome.state, outcome.text) == ("completed", f"{QUESTION} team.yaml:10")
        assert outcome.model == "scripted-1"
        assert team.verdicts("writer", "retriever") == ["deny"]


async def test_a_graph_that_raises_tells_its_caller_where_and_never_what(tmp_path: Path) -> None:
    raising = GRAPH.replace("lictor = runtime.context", "raise ValueError('the word is xyzzy')")
    async with running_team(graph_agent(tmp_path, raising), say=lambda _: "no") as team:
        outcome = await team.ask("writer", QUESTION)

        assert outcome.state == "failed"
        assert outcome.text == "the graph of writer failed at writer.py:7; its log says why"
        assert not any(b"xyzzy" in entry.body for entry in team.entries)


async def test_an_agent_with_a_broken_graph_does_not_open(tmp_path: Path) -> None:
    plan = graph_agent(tmp_path, "import nonsense_that_is_not_there\n")
    with pytest.raises(InvalidGraph, match=r"writer\.py:1: ModuleNotFoundError"):
        async with running_team(plan):
            pass


async def test_a_refusal_that_a_graph_lets_through_fails_the_task_with_its_reason(tmp_path: Path) -> None:
    careless = GRAPH.replace("except Refused as refused:", "except ZeroDivisionError as refused:")
    async with running_team(graph_agent(tmp_path, careless), agent("retriever"), say=last_message) as team:
        outcome = await team.ask("writer", QUESTION)

        assert outcome.state == "failed"
        assert outcome.text.startswith("refused by route: ")
        assert outcome.text.endswith("(team.yaml:10)")


async def test_the_best_passages_travel_from_agent_to_agent() -> None:
    triage = agent("triage", delegates=("retriever", "writer"))
    found = passages(
        ("returns.md", "Returns", "You may return any item within 30 days of delivery."),
        ("paint.md", "Paint", "Stir before use."),
    )
    retriever = agent("retriever", tools=uses("tool-handbook"))
    async with running_team(triage, retriever, agent("writer"), say=lambda _: "Return it within 30 days.") as team:
        await team.add_tools("tool-handbook", {"search": lambda _: found})

        outcome = await team.ask("triage", QUESTION)

        assert [each.file for each in outcome.citations] == ["returns.md"]
        (request,) = team.heard[MODEL].requests  # the writer's: a retriever hands passages on without a model
        assert "within 30 days of delivery" in last_message(request)
