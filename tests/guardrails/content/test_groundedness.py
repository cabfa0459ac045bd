from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.guardrails.content.groundedness import ReadPassages, cites, find_unsupported

PASSAGES = [
    "Handbook § Passwords. An administrator resets the password in the console. Open Settings, then Users, and choose "
    "Reset. The link is valid for 24 hours. It is not sent by mail."
]


@pytest.mark.parametrize(
    "answer",
    [
        "Open Settings and Users, then choose Reset [1].",
        "An administrator can reset passwords in the console «handbook.md § Passwords».",
        'The handbook says "the link is valid for 24 hours" [1].',
        "The link is not sent by mail [1].",
        "OK.",
    ],
)
def test_what_the_passages_say_is_supported(answer: str) -> None:
    assert not find_unsupported(answer, PASSAGES)


@pytest.mark.parametrize(
    "sentence",
    [
        "The link is valid for 48 hours.",
        "The link is sent by mail.",
        "Call the help desk in Berlin.",
        'It says "the link never expires at all".',
    ],
)
def test_what_they_do_not_say_is_listed(sentence: str) -> None:
    found = find_unsupported(f"Open Settings, then Users [1]. {sentence}", PASSAGES)
    assert [each.sentence for each in found] == [sentence]
    assert found[0].lack >= 0.5


def test_nothing_read_supports_nothing() -> None:
    assert find_unsupported("Paris has two million inhabitants [1].", [])


def test_who_cites() -> None:
    assert cites("It is so [2].")
    assert cites("See «handbook.md § Passwords».")
    assert cites("according to the handbook, yes")
    assert not cites("It is so.")


def test_what_was_read_is_kept_within_bounds() -> None:
    read = ReadPassages(tasks=2, texts=2, longest=5)
    for number in range(4):
        read.add("one", "writer", f"text {number}")
    assert read.passages("one", "writer") == ["text ", "text "]
    read.add("two", "writer", "b")
    read.add("three", "writer", "c")
    assert not read.passages("one", "writer")
    assert not read.passages("two", "other")


def test_much_text_takes_little_time() -> None:
    started = perf_counter()
    find_unsupported("Some words stand here and there [1]. " * 1000, ["Other words stand there and here. " * 500] * 64)
    assert perf_counter() - started < 5


@given(st.text(max_size=200), st.lists(st.text(max_size=100), max_size=3))
@settings(max_examples=60)
def test_no_text_breaks_it(answer: str, passages: list[str]) -> None:
    for each in find_unsupported(answer, passages):
        assert 0.5 <= each.lack <= 1
