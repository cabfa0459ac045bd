from lictor.runtime.tools.words import COMMON, STOP


def test_a_word_is_on_one_list() -> None:
    assert not STOP & COMMON


def test_words_are_written_as_they_are_looked_for() -> None:
    assert all(word.isalpha() and word == word.casefold() for word in STOP | COMMON)
