"""Whether a value stands in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.contract.extract import TYPES
from lictor.guardrails.contract.match import (
    Scalar,
    forms,
    holds,
    is_among,
    is_bounded,
    is_equal,
    kind_of,
    split_moment,
    stands_in,
    words_of,
)
from lictor.guardrails.contract.text import Text

PROMPT = """Send Dora's invoice 'bill-december.txt' of $1,098.70 to bob@ok.com, see www.ok.com/a.
Meet on May 26th, 2024 at 10am. Post to #general. Code Ab1X. "Team lunch" costs 12.50, id 0042."""

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@pytest.mark.parametrize(
    "value",
    [
        "bill-december.txt",
        "Dora",
        "bob@ok.com",
        "BOB@OK.com",
        "http://www.ok.com/a",
        1098.7,
        "1098.70",
        "1,098.70",
        "2024-05-26",
        "10:00",
        "general",
        "#general",
        "team  lunch",
        "Team lunch",
        12.5,
        "0042",
        "Ab1X",
    ],
)
def test_held(value: Scalar) -> None:
    assert holds(Text(PROMPT), value)


@pytest.mark.parametrize(
    "value",
    [
        "december",
        "december.txt",
        "ok.com",
        "evil-bob@ok.com",
        "ob@ok.com",
        "www.ok.com/A",
        "www.ok.com/a?secret=1",
        98,
        "098.70",
        12,
        42,
        26.0,
        "2024-05-27",
        "22:00",
        "ab1x",
        "D\u043era",
        "Do\u200bra",
        "\uff24ora",
        "RG9yYQ==",
        "",
        " ",
        "lunch Team",
        None,
        True,
    ],
)
def test_not_held(value: Scalar) -> None:
    assert not holds(Text(PROMPT), value)


def test_a_source_without_a_year_leaves_the_year_open() -> None:
    assert holds(Text("on 26 May"), "2025-05-26")
    assert not holds(Text("on 26 May 2024"), "2025-05-26")


def test_passages_stand_by_themselves() -> None:
    assert is_bounded("a b c", 2, 3)
    assert stands_in("x evil-a a.", "a")
    assert not stands_in("notevil.com evil.com.au", "evil.com")
    assert stands_in("go to evil.com.", "evil.com")
    assert not stands_in("1,000", "1")


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (2200, 2200.0, True),
        ("2200", 2200, True),
        ("A  b", "a b", True),
        ("path/A", "path/a", False),
        ("May 26, 2024", "2024-05-26", False),
        ("2024-05-26", "May 26, 2024", True),
        (True, "true", True),
        (True, 1, False),
        (None, "", False),
        ("a", "\u0430", False),
    ],
)
def test_equal_in_some_spelling(one: Scalar, two: Scalar, *, same: bool) -> None:
    assert is_equal(one, two) is same


def test_kinds_and_forms() -> None:
    assert [kind_of(text) for text in ("a@b.com", "5", "05", "ok.com", "2024-01-01", "10:00", "x")] == [
        "email",
        "number",
        "",
        "url",
        "date",
        "time",
        "",
    ]
    assert forms("email", "a@b.com c@d.com") == frozenset()
    assert forms("number", True) == frozenset()
    assert is_among("name", "Johnson", frozenset({"Emma Johnson"}))
    assert not is_among("name", "son", frozenset({"Emma Johnson"}))
    assert split_moment("2024-05-15T10:00:00") == ("2024-05-15", "10:00")
    assert split_moment("2024-05-15 evil 10:00") is None
    assert words_of("A-b c") == {"a", "b", "c"}


@given(st.text(), SCALARS)
def test_matching_never_fails(text: str, value: Scalar) -> None:
    assert isinstance(holds(Text(text), value), bool)
    assert isinstance(is_equal(value, text), bool)
    for kind in TYPES:
        assert isinstance(is_among(kind, value, frozenset({text})), bool)


@given(st.from_regex(r"[a-z]{3,12}( [a-z]{3,12}){0,3}", fullmatch=True))
def test_whatever_stands_between_spaces_is_held(value: str) -> None:
    assert holds(Text(f"please use {value} now"), value)
    assert is_equal(value, value)


@given(st.from_regex(r"[a-z]{3,9}", fullmatch=True), st.sampled_from("\u200b\u200d\u2060\u00ad\u202e\u0301\u0430"))
def test_a_character_that_cannot_be_seen_makes_another_value(word: str, hidden: str) -> None:
    assert not holds(Text(f"use {word} now"), word[:1] + hidden + word[1:])
