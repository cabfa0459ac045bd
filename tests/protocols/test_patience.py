"""A clock that stands still: never longer than what was left, whatever is held and in whatever order it ends."""

from hypothesis import given
from hypothesis import strategies as st

from lictor.protocols.held import HeldNotice
from lictor.protocols.patience import Patience


def test_without_anything_held_it_ends_when_it_was_to_end() -> None:
    patience = Patience(10.0)
    assert patience.end == 10.0
    assert not patience.stands
    assert (patience.left(4.0), patience.left(12.0)) == (6.0, 0.0)


def test_it_stands_still_and_goes_on() -> None:
    patience = Patience(10.0)
    patience.hold("a", until=604.0, now=4.0)
    assert patience.stands
    assert patience.end == 610.0  # should nobody ever say that it is over
    assert patience.resume("a", now=300.0)
    assert patience.end == 306.0
    assert not patience.resume("a", now=400.0)
    assert patience.end == 306.0


def test_several_at_once() -> None:
    patience = Patience(10.0)
    patience.hold("a", until=100.0, now=4.0)
    patience.hold("b", until=50.0, now=6.0)
    patience.hold("a", until=100.0, now=7.0)
    assert patience.end == 106.0
    patience.resume("a", now=20.0)
    assert patience.end == 56.0
    patience.resume("b", now=30.0)
    assert patience.end == 36.0


def test_what_is_held_after_the_end_has_nothing_left() -> None:
    patience = Patience(10.0)
    patience.hold("a", until=100.0, now=12.0)
    patience.resume("a", now=20.0)
    assert patience.end == 20.0


def test_notices() -> None:
    patience = Patience(10.0)
    patience.heed(HeldNotice("a", until=100.0), now=4.0)
    assert patience.end == 106.0
    patience.heed(HeldNotice("a", until=8.0, over=True), now=8.0)
    assert patience.end == 14.0


@given(
    steps=st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.floats(0.01, 100.0)), max_size=30),
    left=st.floats(0.0, 100.0),
)
def test_running_time_adds_up_to_what_was_left(steps: list[tuple[str, bool, float]], left: float) -> None:
    patience, now, ran = Patience(left), 0.0, 0.0
    for approval, holds, seconds in steps:
        if holds:
            patience.hold(approval, until=now + 1000.0, now=now)
        else:
            patience.resume(approval, now)
        ran += 0.0 if patience.stands else min(seconds, patience.left(now))
        now += seconds
    for approval in "abc":
        patience.resume(approval, now)
    assert abs(patience.left(now) - (left - ran)) < 1e-6
