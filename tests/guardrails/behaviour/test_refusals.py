from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.behaviour.refusals import Refusals


def test_the_same_refusal_is_counted() -> None:
    refusals = Refusals()
    assert [refusals.add(1, 0.0) for _ in range(5)] == [1, 2, 3, 4, 5]
    assert refusals.add(2, 0.0) == 1
    assert refusals.most(0.0) == 5


def test_time_alone_forgives() -> None:
    refusals = Refusals()
    for _ in range(8):
        refusals.add(1, 0.0)
    assert refusals.most(300.0) == 4
    assert refusals.add(1, 600.0) == 3


def test_none() -> None:
    assert Refusals().most(1.0) == 0


@given(st.lists(st.tuples(st.integers(), st.floats(-1e6, 1e9)), max_size=300))
def test_bounded(added: list[tuple[int, float]]) -> None:
    refusals = Refusals()
    for what, now in added:
        assert 1 <= refusals.add(what, now) <= 99
    assert len(refusals._counts) <= 16
