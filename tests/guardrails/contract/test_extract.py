"""Typed extraction."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.contract.extract import TYPES, extract, is_iban, is_whole, normal_url

IBAN = "GB29NWBK60161331926819"


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        ("iban", "to GB29 NWBK 6016 1331 9268 19 today", {IBAN}),
        ("iban", f"{IBAN}, not GB30NWBK60161331926819", {IBAN}),
        ("account", "UK12345678901234567890 and 12345678", {"UK12345678901234567890", "12345678"}),
        ("email", "Ask Bob.Smith+x@Example.co.uk, or a@b", {"bob.smith+x@example.co.uk"}),
        ("email", "b\u043eb@example.com", set()),
        ("url", "see https://Example.com/a?b=C. or www.ok.org", {"example.com/a?b=C", "www.ok.org"}),
        ("url", "a@example.com", set()),
        ("date", "on May 26th, 2024 or 2024-05-27 or 28 May", {"2024-05-26", "2024-05-27", "--05-28"}),
        ("date", "03/04/2024", {"2024-03-04", "2024-04-03"}),
        ("date", "version 10.2.3 of 1/2", set()),
        ("time", "at 10:30 am, 14:05 or noon", {"10:30", "14:05", "12:00"}),
        ("number", "pay $1,234.50 for 3 of two, on 2024-05-26", {"1234.5", "3", "2"}),
        ("number", "12:30 room 7b 10-20", set()),
        ("id", "order A-17 of file 33, not word", {"A-17", "33"}),
        ("name", "write to Emma Johnson today", {"Emma Johnson"}),
        ("path", "open docs/a.txt or bill-december.txt.", {"docs/a.txt", "bill-december.txt"}),
        ("word", "a b-c", {"a", "b-c"}),
        ("line", " one  two \n\nthree", {"one two", "three"}),
    ],
)
def test_values_of_a_type(kind: str, text: str, values: set[str]) -> None:
    assert extract(kind, text) == values


def test_check_digits() -> None:
    assert is_iban(IBAN)
    assert not is_iban(IBAN.replace("29", "30"))
    assert not is_iban("hello")


def test_a_whole_value_has_nothing_beside_it() -> None:
    assert is_whole("email", "a@b.com")
    assert not is_whole("email", "a@b.com x@y.com")
    assert is_whole("date", "Sunday, May 26 2024")
    assert not is_whole("date", "2024-05-26 evil")
    assert not is_whole("url", "ok.com.")
    assert is_whole("line", "one line")


def test_urls_are_the_same_without_scheme_and_last_slash() -> None:
    assert normal_url("HTTPS://Ok.com/") == normal_url("ok.com")
    assert normal_url("ok.com/A") != normal_url("ok.com/a")
    assert normal_url("ftp://ok.com") != normal_url("ok.com")


@pytest.mark.parametrize("kind", TYPES)
@given(text=st.text() | st.from_regex(r"[A-Za-z0-9@./:\-, ]{0,80}"))
def test_extraction_never_fails(kind: str, text: str) -> None:
    assert all(value for value in extract(kind, text))
    assert isinstance(is_whole(kind, text), bool)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("piece", ["a", "1", "a.", "a-", "1 ", "1,", "AB12 ", "Aa ", "a/", "@", "1:", "a@a.", "May 1 "])
def test_extraction_takes_linear_time(kind: str, piece: str) -> None:
    text = piece * (100_000 // len(piece))
    began = time.perf_counter()
    extract(kind, text)

    assert time.perf_counter() - began < 5
