import pytest

from lictor.runtime.tools.sentences import asks_number, quote_of, sentences_of


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One is\nhere. Two is there! Three?", ("One is here.", "Two is there!", "Three?")),
        ("It has 2.5 gigabits. See 4.1 for more.", ("It has 2.5 gigabits.", "See 4.1 for more.")),
        ("Steps:\n\n- first thing\n- second thing", ("Steps:", "- first thing", "- second thing")),
        ('He said "go." Then he went.', ('He said "go."', "Then he went.")),
        ("", ()),
        ("no end", ("no end",)),
    ],
)
def test_sentences_and_list_items_are_told_apart(text: str, sentences: tuple[str, ...]) -> None:
    assert sentences_of(text) == sentences


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("How long is it valid?", True),
        ("Until when do I get patches?", True),
        ("At what battery level does it stop?", True),
        ("How do I reset the password?", False),
        ("Is Windows supported?", False),
    ],
)
def test_a_question_for_a_figure_is_noticed(question: str, number: bool) -> None:
    assert asks_number(question) is number


def test_the_best_sentences_are_quoted_in_the_order_of_the_text() -> None:
    assert quote_of(("A.", "B.", "C.", "D."), (0.0, 1.0, 3.0, 2.0), number=False) == "B. C. D."


def test_a_figure_counts_when_one_is_asked_for() -> None:
    sentences = ("It is fine.", "It takes 3 days.")
    assert quote_of(sentences, (1.0, 0.0), number=True, most=1) == "It takes 3 days."
    assert quote_of(sentences, (1.0, 0.0), number=False, most=1) == "It is fine."
