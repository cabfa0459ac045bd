"""Many values at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.guardrails.contract.candidates import Candidates
from lictor.guardrails.contract.match import Scalar, is_equal

SAID = st.text(max_size=12) | st.sampled_from(
    [
        "1,234.50",
        "2200",
        "a@b.com",
        "May 26, 2024",
        "10 am",
        "Team  lunch",
        "Ab1X",
        "www.ok.com/",
        "true",
        "05",
        "\uff21",
    ]
)
VALUES = (
    SAID
    | st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(
        [1234.5, 2200, "A@B.com", "2024-05-26", "10:00", "team lunch", "ab1x", "http://www.ok.com", "5", "A"]
    )
)


@given(st.lists(SAID, max_size=6), VALUES)
def test_as_if_each_was_compared(said: list[str], value: Scalar) -> None:
    assert Candidates(said).hold(value) is any(is_equal(value, each) for each in said)


def test_different_ones_are_counted() -> None:
    assert Candidates(["a", "a", "b"]).values == {"a", "b"}


@pytest.mark.parametrize(
    ("value", "held"), [("b@c.com", True), ("x@c.com", False), (3, True), ("3", True), (True, False)]
)
def test_held(value: Scalar, *, held: bool) -> None:
    assert Candidates(["B@c.com", "3.0"]).hold(value) is held
