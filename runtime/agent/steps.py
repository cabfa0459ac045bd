"""What a prompt agent does next: pure decisions over what it may do and what it has done."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from lictor.protocols.a2a.reading import Citation

ANSWER: Final = "answer"
"""The action that ends the planning."""

MOST_USES: Final = 3
"""How often one choice may be taken in a task whose model routes."""


class ChoiceKind(StrEnum):
    """What a choice reaches."""

    TOOL = "tool"
    AGENT = "agent"


class Outcome(StrEnum):
    """How a step ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that an agent may do."""

    name: str
    """As the model writes it; unique among an agent's choices."""
    kind: ChoiceKind
    target: str
    """Principal of the tool server or of the agent."""
    tool: str = ""
    """Name of the tool on its server."""
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of a tool's arguments."""


@dataclass(frozen=True, slots=True)
class Action:
    """A choice with its arguments; for an agent, `text` is the one argument."""

    choice: Choice
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """An action that was taken, and what came of it."""

    action: Action
    observation: str
    """What came back; of a refusal or a failure, the whole sentence."""
    outcome: Outcome = Outcome.DONE
    citations: tuple[Citation, ...] = ()
    model: str = ""
    """For an agent, the model that wrote its answer."""


def open_choices(choices: Sequence[Choice], steps: Sequence[Step], most: int = MOST_USES) -> tuple[Choice, ...]:
    """Return what may still be chosen: nothing more than `most` times, nothing that was refused or repeated."""
    left = []
    for choice in choices:
        taken = [step for step in steps if step.action.choice == choice]
        calls = [_key(step.action) for step in taken]
        closed = any(step.outcome is Outcome.REFUSED for step in taken) or len(set(calls)) < len(calls)
        if len(taken) < most and not closed:
            left.append(choice)
    return tuple(left)


def next_in_order(choices: Sequence[Choice], steps: Sequence[Step]) -> Choice | None:
    """Return the first choice that was not taken yet; None when all were."""
    taken = {step.action.choice.name for step in steps}
    return next((choice for choice in choices if choice.name not in taken), None)


def relayed(choices: Sequence[Choice], steps: Sequence[Step]) -> Step | None:
    """Return the step whose answer is the agent's own: in a fixed order, that of the last choice if it is an agent.

    So a row of agents hands the work on, and the last one's words are not said again by another model. None when the
    last choice is a tool, or its agent was refused or failed.
    """
    if not choices or choices[-1].kind is not ChoiceKind.AGENT:
        return None
    last = next((step for step in reversed(steps) if step.action.choice == choices[-1]), None)
    return last if last is not None and last.outcome is Outcome.DONE and last.observation else None


def handed_on(choices: Sequence[Choice], steps: Sequence[Step]) -> Step | None:
    """Return the step whose passages are what another agent wanted: in a fixed order, those of the last tool.

    What a model would say of them, the agent that asked says better, with the task before it. None when the last
    choice is an agent, or its tool found no passages.
    """
    if not choices or choices[-1].kind is not ChoiceKind.TOOL:
        return None
    last = next((step for step in reversed(steps) if step.action.choice == choices[-1]), None)
    return last if last is not None and last.citations else None


def is_repeat(action: Action, steps: Sequence[Step]) -> bool:
    """Tell whether the very same action was taken before."""
    return any(_key(step.action) == _key(action) for step in steps)


def action_schema(choices: Sequence[Choice]) -> dict[str, Any]:
    """Return the JSON Schema that holds a model to one of `choices` or the answer: any output is well formed."""
    return {
        "type": "object",
        "properties": {
            "action": {"type": "string", "enum": [*(choice.name for choice in choices), ANSWER]},
            "input": {"type": "string", "maxLength": 400},
        },
        "required": ["action", "input"],
        "additionalProperties": False,
    }


def read_choice(text: str, choices: Sequence[Choice]) -> tuple[Choice | None, str]:
    """Read a model's choice and its input; None means the answer.

    Raises ValueError when the text is not what `action_schema` asks for, which a backend without
    constrained decoding may cause.
    """
    try:
        document = json.loads(text)
        name, said = document["action"], document.get("input", "")
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("the model did not name an action") from error
    if name == ANSWER:
        return None, ""
    found = next((choice for choice in choices if choice.name == name), None)
    if found is None:
        raise ValueError("the model named an action that does not exist")
    return found, said if isinstance(said, str) else ""


def plain_arguments(choice: Choice, text: str) -> dict[str, Any] | None:
    """Return the arguments when one text is all that the choice needs; None when its schema asks for more."""
    if choice.kind is ChoiceKind.AGENT:
        return {"text": text}
    properties = choice.schema.get("properties")
    required = choice.schema.get("required") or []
    if not isinstance(properties, Mapping) or not properties:
        return {}
    wanted = list(required) or (list(properties) if len(properties) == 1 else [])
    if not wanted:
        return None
    if len(wanted) == 1 and _is_text(properties.get(wanted[0])):
        return {wanted[0]: text}
    return None


def read_arguments(text: str) -> dict[str, Any]:
    """Read a tool's arguments as a model wrote them; anything but an object is no arguments."""
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _is_text(schema: object) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "string" and "enum" not in schema


def _key(action: Action) -> str:
    return f"{action.choice.name} {json.dumps(dict(action.arguments), sort_keys=True, default=str)}"
