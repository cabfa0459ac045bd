"""A text that values come from."""

from lictor.guardrails.contract.text import LONGEST, Text


def test_fields_are_searched_beside_the_text() -> None:
    text = Text("written for people", b'[{"name": "Emma  Johnson"}]')

    assert text.normal == "written for people\nEmma Johnson"
    assert text.at(("*", "name")) == [(("0", "name"), "Emma  Johnson")]
    assert text.values("name") == {"Emma Johnson"}
    assert text.folded.endswith("emma johnson")


def test_lines_are_those_of_the_text_and_its_fields() -> None:
    assert Text("a\nb", b'{"x": "c\\nd"}').values("line") == {"a", "b", "c", "d"}


def test_what_is_too_long_is_cut_and_says_so() -> None:
    text = Text("a" * (LONGEST + 1))

    assert text.cut
    assert len(text.raw) == LONGEST
    assert not Text("a").cut


def test_words_are_without_case() -> None:
    assert Text("Hello big WORLD, hello").words == {"hello", "big", "world"}
