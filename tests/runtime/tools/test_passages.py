import pytest

from lictor.runtime.tools.passages import MOST_WORDS, passages_of


def headings(text: str) -> list[tuple[str, str]]:
    return [(passage.heading, passage.text) for passage in passages_of("a/page.md", text)]


def test_a_section_is_a_passage_with_the_path_of_its_headings() -> None:
    text = "# Shop\n\nWelcome.\n\n## Returns\n\nWithin 30 days.\n\n### Parcels\n\nBy post.\n\n## Hours\n\nFrom 9.\n"
    assert headings(text) == [
        ("Shop", "Welcome."),
        ("Shop > Returns", "Within 30 days."),
        ("Shop > Returns > Parcels", "By post."),
        ("Shop > Hours", "From 9."),
    ]


def test_text_without_a_heading_is_known_by_its_file() -> None:
    assert headings("Only text.\n") == [("page.md", "Only text.")]


def test_underlined_headings_are_headings() -> None:
    assert headings("Shop\n====\n\nWelcome.\n\nReturns\n-------\n\n30 days.\n") == [
        ("Shop", "Welcome."),
        ("Shop > Returns", "30 days."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\n```sh\n# not a heading\n```\n",
        "# T\n\n~~~\n# not a heading\n```\n# nor this\n~~~\n",
        "# T\n\n````\n```\n# not a heading\n```\n````\n",
    ],
)
def test_code_holds_no_headings(text: str) -> None:
    ((heading, body),) = headings(text)
    assert heading == "T"
    assert "# not a heading" in body


def test_front_matter_rules_and_lists_are_no_headings() -> None:
    text = "---\ntitle: x\n---\n# T\n\n- one\n- two\n---\n\nmore\n\n#hashtag\n"
    ((heading, body),) = headings(text)
    assert (heading, "hashtag" in body, "title" in body) == ("T", True, False)


@pytest.mark.parametrize("text", ["", "\n\n", "# Only a heading\n", "#\n", "\r\n"])
def test_what_holds_no_text_holds_no_passage(text: str) -> None:
    assert all(body for _, body in headings(text))
    assert len(headings(text)) <= 1


def test_line_ends_of_windows_are_line_ends() -> None:
    assert headings("# A\r\n\r\nb\r\n") == [("A", "b")]


def test_a_long_section_is_cut_between_paragraphs_and_nothing_is_lost() -> None:
    paragraphs = [" ".join(f"p{number}w{word}" for word in range(90)) for number in range(5)]
    parts = headings("# A\n\n" + "\n\n".join(paragraphs))
    assert [heading for heading, _ in parts] == ["A (part 1)", "A (part 2)", "A (part 3)"]
    assert " ".join(body for _, body in parts).split() == " ".join(paragraphs).split()


def test_a_paragraph_without_end_is_cut_between_words() -> None:
    parts = headings("# A\n\n" + "word " * 1000)
    assert all(len(body.split()) <= MOST_WORDS for _, body in parts)
    assert sum(len(body.split()) for _, body in parts) == 1000
