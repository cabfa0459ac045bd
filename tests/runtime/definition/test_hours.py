import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.runtime.definition.constraints import TimeWindow
from lictor.runtime.definition.hours import DAYS, parse_windows, parse_zone, show_windows

WEEK = 7 * 24 * 60


def minutes(windows: tuple[TimeWindow, ...]) -> set[int]:
    """Return the minutes of the week that windows cover."""
    return {
        day * 1440 + minute for window in windows for day in window.days for minute in range(window.start, window.end)
    }


@pytest.mark.parametrize(
    ("text", "offset", "shown"),
    [
        ("mon-fri 08:00-18:00", 0, ["mon-fri 08:00-18:00"]),
        ("08:00-18:00", 120, ["daily 06:00-16:00"]),
        ("fri 22:00-06:00", 0, ["fri 22:00-24:00", "sat 00:00-06:00"]),
        ("sun 22:00-24:00", 0, ["sun 22:00-24:00"]),
        ("mon 00:00-24:00", -600, ["mon 10:00-24:00", "tue 00:00-10:00"]),
        ("sat-mon 01:00-02:00", 120, ["fri-sun 23:00-24:00"]),
        ("mon,wed-thu 10:00-10:01", 0, ["mon,wed,thu 10:00-10:01"]),
        ("daily 00:00-00:00", 0, ["daily 00:00-24:00"]),
    ],
)
def test_windows_are_minutes_of_utc(text: str, offset: int, shown: list[str]) -> None:
    assert show_windows(parse_windows([text], offset)) == shown


@pytest.mark.parametrize(
    "text", ["", "8-18", "mon 8:00-18:00", "mo 08:00-18:00", "08:00-25:00", "08:60-09:00", "x" * 50]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hours are written like|no clock shows"):
        parse_windows([text])


def test_zones_are_fixed_offsets() -> None:
    assert [parse_zone(text) for text in ("UTC", "+02:00", "-05:30")] == [0, 120, -330]
    with pytest.raises(ValueError, match="a fixed offset"):
        parse_zone("Europe/Berlin")


clocks = st.integers(0, 1439)


@given(st.sampled_from(DAYS), clocks, clocks, st.sampled_from([-840, -330, 0, 60, 345, 840]))
def test_moving_to_utc_keeps_every_minute(day: str, start: int, end: int, offset: int) -> None:
    text = f"{day} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    here, there = minutes(parse_windows([text])), minutes(parse_windows([text], offset))
    assert {(minute - offset) % WEEK for minute in here} == there
    assert minutes(parse_windows(show_windows(parse_windows([text], offset)))) == there
