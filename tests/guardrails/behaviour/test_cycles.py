import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.behaviour.cycles import Cycle


def first_found(sequence: list[int], **more: bool) -> int:
    """Return after how many messages a cycle is told, 0 when none is."""
    cycle = Cycle()
    for place, message in enumerate(sequence, start=1):
        if cycle.add(message, 0, **more):
            return place
    return 0


@pytest.mark.parametrize(("period", "found"), [(2, 8), (3, 9), (4, 12), (5, 15), (6, 16), (7, 17), (8, 18)])
def test_each_period_is_found_within_ten_repeated_messages(period: int, found: int) -> None:
    assert first_found(list(range(period)) * 10) == found
    assert found - period <= 10


@pytest.mark.parametrize("period", [1, 9, 12])
def test_other_periods_are_none(period: int) -> None:
    assert first_found(list(range(period)) * 20) == 0


def test_a_plan_that_is_retried_once_is_no_cycle() -> None:
    for length in range(2, 9):
        assert first_found([*range(length), *range(length)]) == 0


def test_elements_may_occur_twice_within_a_period() -> None:
    assert 0 < first_found([1, 2, 1, 3] * 8) <= 14


def test_repetitions_of_the_last_message_are_left_out() -> None:
    assert first_found([1, 1, 1, 2, 2] * 8) > 0
    assert first_found([1] * 50) == 0


def test_news_end_a_run() -> None:
    cycle = Cycle()
    assert not any(cycle.add(place % 3, place // 3) for place in range(60))


def test_something_in_between_ends_a_run() -> None:
    assert first_found([1, 2, 1, 2, 1, 2, 9, 1, 2, 1, 2, 8] * 3) == 0


def test_near_duplicates_take_ten() -> None:
    assert first_found([1, 2] * 20, exact=False) == 12


def test_passes_are_counted() -> None:
    cycle = Cycle()
    passes = [cycle.add(place % 4, 0) for place in range(400)]
    assert passes[12:17] == [4, 4, 4, 4, 5]
    assert passes[-1] == 64


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.booleans()), max_size=300))
def test_never_raises_and_is_deterministic(sequence: list[tuple[int, int, bool]]) -> None:
    one, other = Cycle(), Cycle()
    for message, fresh, exact in sequence:
        assert one.add(message, fresh, exact=exact) == other.add(message, fresh, exact=exact)
        assert len(one._last) <= 8


@given(st.lists(st.integers(), max_size=100, unique=True))
def test_what_never_repeats_is_no_cycle(sequence: list[int]) -> None:
    assert first_found(sequence) == 0
