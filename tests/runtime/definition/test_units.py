import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.runtime.definition.units import parse_backoff, parse_duration, parse_quantity, parse_rate


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("30s", 30.0), ("5m", 300.0), ("2h", 7200.0), ("1.5s", 1.5)]
)
def test_a_duration_is_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["5 minutes", "30", 30, "", "0s", "-1s", "9999h", "1d", "30s\n", "٣s", None, True, [], "1" * 60 + "s"]
)
def test_anything_else_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="a duration is"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("6", 6), (6, 6), ("50k", 50_000), ("16KiB", 16_384), ("512MiB", 512 * 1024**2), ("2.5M", 2_500_000), (0, 0)],
)
def test_a_quantity_is_a_whole_number(text: object, number: int) -> None:
    assert parse_quantity(text) == number


@pytest.mark.parametrize("text", ["1.5", "-1", -1, "50 k", "1e3", True, None, {}, "9" * 17, "99999999G", 1.5])
def test_anything_else_is_no_quantity(text: object) -> None:
    with pytest.raises(ValueError, match="a quantity is"):
        parse_quantity(text)


def test_a_rate_is_a_count_within_seconds() -> None:
    assert parse_rate("3/1m") == (3, 60.0)
    with pytest.raises(ValueError, match="lets at least one through"):
        parse_rate("0/1m")
    with pytest.raises(ValueError, match="a rate is"):
        parse_rate("3 per minute")


def test_a_backoff_goes_from_the_shorter_wait_to_the_longer() -> None:
    assert parse_backoff("1s..30s") == (1.0, 30.0)
    with pytest.raises(ValueError, match="from the shorter"):
        parse_backoff("30s..1s")
    with pytest.raises(ValueError, match="two durations"):
        parse_backoff("1s")


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none()))
def test_nothing_but_a_value_error_comes_out(value: object) -> None:
    for parse in (parse_duration, parse_quantity, parse_rate, parse_backoff):
        with contextlib.suppress(ValueError):
            parse(value)
