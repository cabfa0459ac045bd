from lictor.protocols.a2a.reading import Citation
from lictor.runtime.agent.answer import (
    Shape,
    answer_messages,
    argument_messages,
    cited,
    focused,
    gathered,
    merged,
    passages_of,
    planning_messages,
)
from lictor.runtime.agent.steps import Action, Choice, ChoiceKind, Outcome, Step

SEARCH = Choice("search", ChoiceKind.TOOL, "tool-handbook", "search", "Find passages")
RETURNS = Citation("returns.md", "Returns", "We are glad that you asked. You may return any item within 30 days.")
PAINT = Citation("paint.md", "Paint", "Stir before use. Let it dry for 6 hours.")
QUESTION = "Within how many days may I return an item?"


def step(said: str, outcome: Outcome = Outcome.DONE, *citations: Citation) -> Step:
    return Step(Action(SEARCH, {}), said, outcome, citations)


def test_passages_are_read_from_a_tools_result() -> None:
    found = {"passages": [{"file": "a.md", "heading": "A", "text": "long", "quote": "short"}, {"file": "b.md"}, {}, 3]}

    assert passages_of(found) == (Citation("a.md", "A", "short"), Citation("b.md", ""))
    assert passages_of({"passages": "no"}) == ()
    assert passages_of({}) == ()


def test_a_passage_is_kept_once_with_its_quote() -> None:
    bare = Citation("returns.md", "Returns")

    assert merged([bare, PAINT, RETURNS]) == (RETURNS, PAINT)
    assert gathered([step("", Outcome.DONE, PAINT)], [RETURNS]) == (RETURNS, PAINT)


def test_the_first_passage_and_those_that_share_the_answers_words_are_cited() -> None:
    other = Citation("post.md", "Post", "Send the item back within 9 days.")

    assert cited("You may return an item within 30 days.", [PAINT, other, RETURNS]) == (PAINT, RETURNS, other)
    assert cited("You may return an item within 30 days.", [RETURNS, PAINT]) == (RETURNS,)
    assert cited("anything", []) == ()
    assert cited("item", [RETURNS], Shape(quote=5)) == (Citation("returns.md", "Returns", "We ar"),)


def test_passages_are_cut_down_to_the_sentences_near_the_question() -> None:
    assert focused(QUESTION, [RETURNS, PAINT], Shape(passages=2, characters=45)) == (
        Citation("returns.md", "Returns", "You may return any item within 30 days."),
    )
    assert focused(QUESTION, [RETURNS, PAINT], Shape(passages=1)) == (
        Citation("returns.md", "Returns", "We are glad that you asked.\nYou may return any item within 30 days."),
    )
    assert focused(QUESTION, [Citation("a.md", "A")]) == ()
    assert focused(QUESTION, [RETURNS], Shape(characters=1))[0].quote == "You may return any item within 30 days."


def test_a_model_is_shown_what_is_known_first_and_the_question_last() -> None:
    system, user = answer_messages("Be brief.", QUESTION, [step("the raw text", Outcome.DONE, RETURNS)], [PAINT])

    assert system == {"role": "system", "content": "Be brief."}
    assert user["content"].endswith(f"Question: {QUESTION}")
    assert "30 days" in user["content"]
    assert "the raw text" not in user["content"]


def test_a_model_that_is_told_nothing_is_asked_plainly() -> None:
    assert answer_messages("", QUESTION, []) == [{"role": "user", "content": QUESTION}]


def test_what_was_said_refused_or_failed_is_shown() -> None:
    steps = [
        step("forty-two"),
        step("search was refused: no", Outcome.REFUSED),
        step("search failed: x", Outcome.FAILED),
    ]

    shown = answer_messages("", QUESTION, steps)[0]["content"]

    assert shown.split("\n\n")[:3] == ["search says: forty-two", "search was refused: no", "search failed: x"]


def test_a_long_observation_is_cut() -> None:
    assert len(answer_messages("", "?", [step("x" * 5000)], shape=Shape(said=100))[0]["content"]) < 200


def test_choices_are_listed_with_what_they_are_for() -> None:
    agent = Choice("writer", ChoiceKind.AGENT, "writer")

    shown = planning_messages("", QUESTION, [SEARCH, agent], [])[0]["content"]

    assert "- search: Find passages\n- writer: agent\n- answer: answer the question now" in shown
    assert "Write the arguments for search (Find passages)." in argument_messages("", "?", SEARCH, [])[0]["content"]
