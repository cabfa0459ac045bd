from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from lictor.runtime.tools.query import WEAK, Concept, concepts_of, match, words_of

GROUPS = [["staff", "user"], ["switch off", "shut down", "power off"], ["disk", "drive", "hard disk"]]


def synonyms(phrase: str) -> Sequence[str]:
    return [other for group in GROUPS if phrase in group for other in group if other != phrase]


def read(question: str, known: Sequence[str] = ()) -> tuple[Concept, ...]:
    return concepts_of(words_of(question), synonyms, lambda word: word in known)


def test_words_that_say_nothing_are_left_out() -> None:
    assert [concept.wordings for concept in read("How do I reset the password?")] == [("reset",), ("password",)]


def test_a_question_of_nothing_but_such_words_is_looked_for_as_it_is() -> None:
    assert [concept.wordings for concept in read("What is it?")] == [("what",), ("is",), ("it",)]


def test_common_words_count_less() -> None:
    assert read("new password") == (Concept(("new",), (), WEAK), Concept(("password",)))


def test_the_longest_phrase_that_has_synonyms_is_one_concept() -> None:
    assert read("switch off hard disk") == (
        Concept(("switch off",), ("shut down", "power off")),
        Concept(("hard disk",), ("disk", "drive")),
    )


def test_what_means_the_same_counts_once() -> None:
    assert read("staff, or user accounts") == (Concept(("staff", "user")), Concept(("accounts",)))
    assert read("disk disk") == (Concept(("disk",), ("drive", "hard disk")),)


def test_neighbours_that_are_one_word_elsewhere_are_one_concept() -> None:
    assert read("back up files", known=["backup"]) == (Concept(("back up",), ("backup",)), Concept(("files",)))


@given(st.text(max_size=300))
def test_no_text_breaks_the_syntax(text: str) -> None:
    for concept in read(text):
        for phrase in concept.wordings:
            assert match(phrase).count('"') == 2
            assert all(character.isalnum() or character == " " for character in phrase)
