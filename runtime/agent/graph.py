"""The graph of a prompt agent: list what may be done, choose, act, and at last answer."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from lictor.runtime.agent.answer import answer_messages, argument_messages, best, cited, gathered, planning_messages
from lictor.runtime.agent.assignment import Assignment
from lictor.runtime.agent.calls import Reply
from lictor.runtime.agent.choosing import list_choices, take
from lictor.runtime.agent.failures import InvalidOutput, ModelFailed, ToolLoop
from lictor.runtime.agent.output import held_to, violation
from lictor.runtime.agent.solver import Desk
from lictor.runtime.agent.steps import (
    Action,
    Choice,
    Outcome,
    Step,
    action_schema,
    handed_on,
    is_repeat,
    next_in_order,
    open_choices,
    plain_arguments,
    read_arguments,
    read_choice,
    relayed,
)
from lictor.runtime.definition.plan import AgentPlan

IN_ORDER: Final = "in-order"
MOST_STEPS: Final = 16
"""Steps that a model may choose in one task."""

_ATTEMPTS: Final = 2


@dataclass(frozen=True, slots=True)
class PromptContext:
    """What the nodes of one run know: LangGraph's `context`."""

    plan: AgentPlan
    delegates: Mapping[str, str]
    """What each delegate is for."""
    desk: Desk


class PromptState(TypedDict, total=False):
    """What the nodes hand on."""

    choices: tuple[Choice, ...]
    steps: Annotated[list[Step], operator.add]
    action: Action | None
    """What to do next; None means to answer."""
    reply: Reply


PromptGraph = CompiledStateGraph[PromptState, PromptContext, PromptState, PromptState]


def build_graph() -> PromptGraph:
    """Return the compiled graph; one serves any number of tasks at once."""
    graph = StateGraph(PromptState, context_schema=PromptContext)
    graph.add_node("prepare", prepare)
    graph.add_node("choose", choose)
    graph.add_node("act", act)
    graph.add_node("answer", answer)
    graph.add_edge(START, "prepare")
    graph.add_edge("prepare", "choose")
    graph.add_conditional_edges("choose", after_choosing)
    graph.add_edge("act", "choose")
    graph.add_edge("answer", END)
    return graph.compile()


async def prepare(state: PromptState, runtime: Runtime[PromptContext]) -> PromptState:
    """Learn what may be done."""
    context = runtime.context
    choices, missing = await list_choices(context.plan, context.delegates, context.desk.calls)
    return {"choices": choices, "steps": missing}


async def choose(state: PromptState, runtime: Runtime[PromptContext]) -> PromptState:
    """Decide on the next action, by order or by the model."""
    context, choices, steps = runtime.context, state["choices"], state["steps"]
    if context.plan.route == IN_ORDER:
        following = next_in_order(choices, steps)
        question = context.desk.assignment.question
        return {"action": await _with_arguments(context, following, question, steps) if following else None}
    return {"action": await _chosen(context, choices, steps)}


def after_choosing(state: PromptState) -> Literal["act", "answer"]:
    """Lead to the action that was chosen."""
    return "answer" if state.get("action") is None else "act"


async def act(state: PromptState, runtime: Runtime[PromptContext]) -> PromptState:
    """Take the action; the very same one is not taken twice."""
    action = state.get("action")
    if action is None:
        return {"steps": []}
    if is_repeat(action, state["steps"]):
        return {"steps": [Step(action, f"{action.choice.name} was asked just that before", Outcome.FAILED)]}
    return {"steps": [await take(action, runtime.context.desk.calls)]}


async def answer(state: PromptState, runtime: Runtime[PromptContext]) -> PromptState:
    """Answer from what was found."""
    context, steps = runtime.context, state["steps"]
    plan, assignment = context.plan, context.desk.assignment
    ready = _ready(plan, assignment, state["choices"], steps)
    if ready is not None:
        return {"reply": ready}
    messages = answer_messages(plan.prompt, assignment.question, steps, assignment.citations)
    if plan.output is not None:
        text, model = await _structured(context, messages, plan.output, f"the answer of {plan.name}")
    elif assignment.streams:
        text, model = await _streamed(context, messages, runtime)
    else:
        said = await context.desk.model.ainvoke(messages)
        text, model = said.text, model_of(said.response_metadata)
    passages = gathered(steps, assignment.citations)
    return {"reply": Reply(text.strip(), cited(text, passages), model)}


def model_of(metadata: Mapping[str, Any]) -> str:
    """Return the model that an answer of a chat model names."""
    return str(metadata.get("model_name") or "")


def _ready(plan: AgentPlan, assignment: Assignment, choices: tuple[Choice, ...], steps: list[Step]) -> Reply | None:
    """Return the answer that needs no model: an agent's own words, or the passages that an agent asked for."""
    if plan.route != IN_ORDER or plan.output is not None:
        return None
    said = relayed(choices, steps)
    if said is not None:
        return Reply(said.observation, said.citations, said.model)
    found = handed_on(choices, steps) if assignment.delegated else None
    if found is None:
        return None
    passages = best(gathered(steps, assignment.citations))
    return Reply("\n\n".join(passage.quote for passage in passages if passage.quote), passages)


async def _chosen(context: PromptContext, choices: tuple[Choice, ...], steps: list[Step]) -> Action | None:
    left = open_choices(choices, steps)
    if not left:
        return None
    if len(steps) >= MOST_STEPS:
        raise ToolLoop(f"{context.plan.name} went on for more than {MOST_STEPS} steps without an answer")
    assignment = context.desk.assignment
    messages = planning_messages(context.plan.prompt, assignment.question, left, steps, assignment.citations)
    for _ in range(_ATTEMPTS):
        said = await context.desk.model.ainvoke(messages, response_format=held_to(action_schema(left), "action"))
        try:
            choice, text = read_choice(said.text, choices)
        except ValueError:
            continue
        if choice is None:
            return None
        if choice not in left:
            raise ToolLoop(f"{context.plan.name} calls {choice.name} again and again")
        return await _with_arguments(context, choice, text.strip() or assignment.question, steps)
    raise ModelFailed(f"the model of {context.plan.name} did not choose a next action")


async def _with_arguments(context: PromptContext, choice: Choice, text: str, steps: list[Step]) -> Action:
    plain = plain_arguments(choice, text)
    if plain is not None:
        return Action(choice, plain)
    assignment = context.desk.assignment
    messages = argument_messages(context.plan.prompt, assignment.question, choice, steps, assignment.citations)
    found, _ = await _structured(context, messages, choice.schema, f"the arguments for {choice.name}")
    return Action(choice, read_arguments(found))


async def _structured(
    context: PromptContext, messages: list[dict[str, str]], schema: Mapping[str, Any], what: str
) -> tuple[str, str]:
    wrong = ""
    for _ in range(_ATTEMPTS):
        said = await context.desk.model.ainvoke(messages, response_format=held_to(schema))
        text = said.text.strip()
        wrong = violation(text, schema)
        if not wrong:
            return text, model_of(said.response_metadata)
    raise InvalidOutput(f"{what} does not satisfy its schema: {wrong}")


async def _streamed(
    context: PromptContext, messages: list[dict[str, str]], runtime: Runtime[PromptContext]
) -> tuple[str, str]:
    text, model = "", ""
    async for chunk in context.desk.model.astream(messages):
        model = model or model_of(chunk.response_metadata)
        piece = chunk.text if text else chunk.text.lstrip()
        if piece:
            text += piece
            runtime.stream_writer(piece)
    return text, model
