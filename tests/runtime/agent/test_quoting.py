import json

import pytest

from lictor.protocols.a2a.reading import Citation
from lictor.runtime.agent.answer import Shape
from lictor.runtime.agent.quoting import MOST_QUOTES, held_to_quotes, quotes, quoting_messages, read_quote

PASSAGE = Citation("a.md", "A", "It is red. It is small.\nIt costs 5.")
QUESTION = "What does it cost?"


def test_a_quote_is_so_many_sentences_in_any_order() -> None:
    assert quotes(QUESTION, [PASSAGE]) == (
        "It is red. It is small.",
        "It is red. It costs 5.",
        "It is small. It is red.",
        "It is small. It costs 5.",
        "It costs 5. It is red.",
        "It costs 5. It is small.",
    )
    assert quotes(QUESTION, [PASSAGE], together=1) == ("It is red.", "It is small.", "It costs 5.")
    assert quotes(QUESTION, [PASSAGE], together=5) == ("It is red. It is small. It costs 5.",)
    assert quotes(QUESTION, []) == ()


def test_there_are_never_too_many_quotes() -> None:
    long = Citation("a.md", "A", "\n".join(f"Sentence {number}." for number in range(40)))

    assert len(quotes(QUESTION, [long], shape=Shape(characters=10_000))) == MOST_QUOTES


def test_a_model_sees_the_passage_and_then_the_question() -> None:
    system, user = quoting_messages("Be exact.", QUESTION, [PASSAGE])

    assert system["content"] == "Be exact."
    assert user["content"].index("It costs 5.") < user["content"].index(QUESTION)


def test_a_model_is_held_to_the_quotes() -> None:
    schema = held_to_quotes(["a", "b"])["json_schema"]["schema"]

    assert schema["properties"]["answer"]["enum"] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps({"answer": "b"}), "b"),
        (json.dumps({"answer": "c"}), "a"),
        (json.dumps({"answer": ["b"]}), "a"),
        ("free text", "a"),
        ("[]", "a"),
    ],
)
def test_anything_but_a_quote_is_the_first_one(text: str, said: str) -> None:
    assert read_quote(text, ["a", "b"]) == said
