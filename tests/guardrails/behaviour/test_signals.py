import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.behaviour.signals import counted, crowd, share


@pytest.mark.parametrize(
    ("count", "told"), [(0, 0), (1, 0), (2, 2), (10, 10), (11, 10), (35, 32), (64, 64), (10**9, 64)]
)
def test_counts_are_told_in_steps(count: int, told: int) -> None:
    assert counted(count, 2) == told


@pytest.mark.parametrize(("count", "told"), [(0, 0), (15, 0), (16, 16), (33, 32), (300, 288), (10**9, 1024)])
def test_crowds_are_told_in_steps(count: int, told: int) -> None:
    assert crowd(count) == told


@pytest.mark.parametrize(("value", "told"), [(0.0, 0.0), (0.59, 0.0), (0.61, 0.6), (0.66, 0.65), (3.0, 1.0)])
def test_shares_are_told_in_twentieths(value: float, told: float) -> None:
    assert share(value, 0.6) == told


@given(st.integers(0, 10**6), st.integers(2, 30))
def test_little_is_nothing_and_steps_never_exaggerate(count: int, least: int) -> None:
    assert counted(count, least) <= count
    assert bool(counted(count, least)) is (count >= least)
    assert crowd(count, least) <= count
