from hypothesis import given
from hypothesis import strategies as st

from lictor.runtime.supervisor.restart_intensity import add_restart, backoff

MOMENTS = st.lists(st.floats(0, 1000), max_size=40).map(sorted)


def test_as_many_restarts_as_the_intensity_are_allowed() -> None:
    restarts: tuple[float, ...] = ()
    for moment in (0.0, 1.0, 2.0):
        restarts, exceeded = add_restart(restarts, moment, 3, 60)
        assert not exceeded
    assert add_restart(restarts, 3.0, 3, 60) == ((0.0, 1.0, 2.0, 3.0), True)


def test_restarts_older_than_the_period_do_not_count() -> None:
    assert add_restart((0.0, 1.0), 61.5, 1, 60) == ((61.5,), False)
    assert add_restart((1.0,), 61.0, 1, 60) == ((1.0, 61.0), True)


def test_intensity_zero_allows_none() -> None:
    assert add_restart((), 5.0, 0, 60) == ((5.0,), True)


@given(MOMENTS, st.integers(0, 5), st.floats(0.1, 100))
def test_no_window_of_one_period_holds_more_than_the_intensity(
    moments: list[float], intensity: int, period: float
) -> None:
    restarts: tuple[float, ...] = ()
    granted: list[float] = []
    for moment in moments:
        restarts, exceeded = add_restart(restarts, moment, intensity, period)
        if exceeded:
            break
        granted.append(moment)
    for index, end in enumerate(granted):
        assert sum(end - start <= period for start in granted[: index + 1]) <= intensity


def test_the_wait_doubles_up_to_its_limit() -> None:
    assert [backoff(count, 1.0, 5.0) for count in range(5)] == [1.0, 1.0, 2.0, 4.0, 5.0]
    assert backoff(9, 0.0, 30.0) == 0.0


@given(st.integers(0, 100_000), st.floats(0, 100), st.floats(0, 1000), st.floats(0, 1, exclude_max=True))
def test_the_jitter_takes_off_at_most_half(count: int, first: float, most: float, jitter: float) -> None:
    whole = backoff(count, first, most)
    assert 0 <= whole <= most
    assert whole / 2 <= backoff(count, first, most, jitter) <= whole
    assert whole <= backoff(count + 1, first, most)
