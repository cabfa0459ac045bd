import pytest

from lictor.runtime.agent.assignment import Assignment, give_up_at


@pytest.mark.parametrize(
    ("deadline", "limits", "expected"),
    [
        (0.0, (600.0,), 1600.0),
        (0.0, (600.0, 20.0), 1020.0),
        (1010.0, (600.0,), 1009.0),
        (1120.0, (600.0,), 1118.0),
        (1120.0, (5.0,), 1005.0),
        (990.0, (600.0,), 990.0),
    ],
)
def test_an_agent_gives_up_at_its_shortest_limit_and_before_its_caller_does(
    deadline: float, limits: tuple[float, ...], expected: float
) -> None:
    assert give_up_at(1000.0, deadline, *limits) == pytest.approx(expected)


def test_what_is_left_is_never_negative() -> None:
    assert Assignment("?", until=5.0).left(3.0) == 2.0
    assert Assignment("?", until=5.0).left(9.0) == 0.0
