"""One value in several spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.contract.normal import normal_date, normal_number, normal_text, normal_time, normal_value


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("1,234.50", "1234.5"),
        ("1234.5", "1234.5"),
        ("1'234", "1234"),
        (1234.0, "1234"),
        (7, "7"),
        ("-0.0", "0"),
        ("+5", "5"),
        ("12,34", None),
        ("1.2.3", None),
        ("", None),
        ("ten", None),
        ("1e5", None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_numbers(said: int | float | str, number: str | None) -> None:
    assert normal_number(said) == number


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_and_its_text_are_the_same(number: float) -> None:
    normal = normal_number(number)

    assert normal is not None
    assert normal_number(normal) == normal or len(normal) > 30


@pytest.mark.parametrize(
    ("parts", "date"),
    [
        (("2024", "5", "26"), "2024-05-26"),
        (("2024", "May", "26"), "2024-05-26"),
        (("", "sept.", "3"), "--09-03"),
        (("2024", "2", "30"), None),
        (("2024", "13", "1"), None),
        (("2024", "mayhem", "1"), None),
    ],
)
def test_dates(parts: tuple[str, str, str], date: str | None) -> None:
    assert normal_date(*parts) == date


@pytest.mark.parametrize(
    ("parts", "time"),
    [
        (("10", "5", ""), "10:05"),
        (("12", "", "am"), "00:00"),
        (("1", "30", "p.m."), "13:30"),
        (("13", "", "pm"), None),
        (("25", "0", ""), None),
    ],
)
def test_times(parts: tuple[str, str, str], time: str | None) -> None:
    assert normal_time(*parts) == time


def test_a_source_may_be_written_with_compatibility_characters_and_a_value_may_not() -> None:
    assert normal_text("\uff21\u00a0 \u201cb\u201d") == 'A "b"'
    assert normal_value("A b") == "A b"
    assert normal_value("\uff21") is None
    assert normal_value("Cafe\u0301") is None
    assert normal_value("Caf\u00e9") == "Caf\u00e9"


@given(st.text())
def test_normal_forms_never_fail(text: str) -> None:
    normal = normal_text(text)

    assert normal_text(normal) == normal
    assert normal_value(text) is None or isinstance(normal_value(text), str)
