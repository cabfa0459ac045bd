from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.behaviour.bursts import PATIENCE, PERIOD, Rate, overdue


def test_a_steady_rate_is_what_it_is() -> None:
    rate = Rate(0.0)
    counts = [rate.add(number / 10) for number in range(1000)]
    assert max(counts) <= 10 * PERIOD + 1
    assert min(counts[100:]) >= 10 * PERIOD - 1


def test_a_burst_is_seen_at_once_and_forgotten() -> None:
    rate = Rate(0.0)
    assert [rate.add(1.0) for _ in range(300)][-1] == 300
    assert rate.add(1.0 + 2 * PERIOD) == 1


@given(st.lists(st.floats(-10, 1e6), max_size=100))
def test_never_raises(times: list[float]) -> None:
    rate = Rate(0.0)
    for now in times:
        assert rate.add(now) >= 1


def test_what_is_open_for_too_long_is_overdue() -> None:
    assert overdue([("a", 0.0), ("b", 100.0)], PATIENCE + 1) == ["a"]
