import pytest

from lictor.protocols.a2a.reading import Citation
from lictor.runtime.agent.steps import (
    Action,
    Choice,
    ChoiceKind,
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

SEARCH = Choice("search", ChoiceKind.TOOL, "tool-handbook", "search")
WRITER = Choice("writer", ChoiceKind.AGENT, "writer")


def step(choice: Choice, text: str = "x", outcome: Outcome = Outcome.DONE, said: str = "said") -> Step:
    return Step(Action(choice, {"text": text}), said, outcome)


def test_in_order_takes_each_choice_once() -> None:
    assert next_in_order((SEARCH, WRITER), []) == SEARCH
    assert next_in_order((SEARCH, WRITER), [step(SEARCH)]) == WRITER
    assert next_in_order((SEARCH, WRITER), [step(SEARCH), step(WRITER, outcome=Outcome.FAILED)]) is None


def test_a_choice_closes_when_it_was_refused_repeated_or_used_up() -> None:
    choices = (SEARCH, WRITER)

    assert open_choices(choices, []) == choices
    assert open_choices(choices, [step(SEARCH, outcome=Outcome.REFUSED)]) == (WRITER,)
    assert open_choices(choices, [step(SEARCH), step(SEARCH)]) == (WRITER,)
    assert open_choices(choices, [step(SEARCH, "a"), step(SEARCH, "b")]) == choices
    assert open_choices(choices, [step(SEARCH, text) for text in "abc"]) == (WRITER,)


def test_only_the_very_same_action_is_a_repeat() -> None:
    assert is_repeat(Action(SEARCH, {"text": "a"}), [step(SEARCH, "a")])
    assert not is_repeat(Action(SEARCH, {"text": "b"}), [step(SEARCH, "a")])


@pytest.mark.parametrize(
    ("choices", "steps", "said"),
    [
        ((SEARCH, WRITER), [step(SEARCH), step(WRITER, said="fine")], "fine"),
        ((SEARCH, WRITER), [step(WRITER, outcome=Outcome.REFUSED)], None),
        ((SEARCH, WRITER), [step(WRITER, said="")], None),
        ((SEARCH,), [step(SEARCH)], None),
        ((), [], None),
    ],
)
def test_the_last_agents_answer_is_relayed(choices: tuple[Choice, ...], steps: list[Step], said: str | None) -> None:
    found = relayed(choices, steps)

    assert (found.observation if found else None) == said


def test_the_last_tools_passages_are_handed_on() -> None:
    found = Step(Action(SEARCH, {}), "said", citations=(Citation("a.md", "A", "q"),))

    assert handed_on((SEARCH,), [found]) is found
    assert handed_on((SEARCH,), [step(SEARCH)]) is None
    assert handed_on((SEARCH, WRITER), [found, step(WRITER)]) is None
    assert handed_on((), []) is None


def test_a_model_is_held_to_the_choices() -> None:
    assert action_schema((SEARCH, WRITER))["properties"]["action"]["enum"] == ["search", "writer", "answer"]
    assert read_choice('{"action":"writer","input":"go"}', (SEARCH, WRITER)) == (WRITER, "go")
    assert read_choice('{"action":"answer","input":""}', (SEARCH,)) == (None, "")
    assert read_choice('{"action":"search","input":5}', (SEARCH,)) == (SEARCH, "")


@pytest.mark.parametrize("text", ["", "no", "[]", "3", "{}", '{"action":"erase"}', '{"action":null}', "[" * 100_000])
def test_what_names_no_choice_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="action"):
        read_choice(text, (SEARCH,))


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ({}, {}),
        ({"properties": {"q": {"type": "string"}}, "required": ["q"]}, {"q": "x"}),
        ({"properties": {"q": {"type": "string"}}}, {"q": "x"}),
        ({"properties": {"q": {"type": "string"}, "n": {"type": "integer"}}, "required": ["q"]}, {"q": "x"}),
        ({"properties": {"n": {"type": "integer"}}, "required": ["n"]}, None),
        ({"properties": {"q": {"type": "string", "enum": ["a"]}}, "required": ["q"]}, None),
        ({"properties": {"q": {"type": "string"}, "r": {"type": "string"}}}, None),
        ({"properties": {"q": {"type": "string"}, "r": {"type": "string"}}, "required": ["q", "r"]}, None),
    ],
)
def test_one_text_is_enough_for_a_simple_tool(schema: dict[str, object], arguments: dict[str, str] | None) -> None:
    assert plain_arguments(Choice("t", ChoiceKind.TOOL, "tool-t", "t", schema=schema), "x") == arguments


def test_an_agent_takes_a_text() -> None:
    assert plain_arguments(WRITER, "x") == {"text": "x"}


@pytest.mark.parametrize(("text", "arguments"), [('{"a": 1}', {"a": 1}), ("[1]", {}), ("no", {})])
def test_arguments_are_an_object_or_nothing(text: str, arguments: dict[str, int]) -> None:
    assert read_arguments(text) == arguments
