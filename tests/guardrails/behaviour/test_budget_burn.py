import pytest

from lictor.guardrails.admit import TaskBudget
from lictor.guardrails.behaviour.budget_burn import HORIZON, Burn
from lictor.guardrails.ledger import Usage

BUDGET = TaskBudget(tokens=1000, messages=100, tool_calls=50)


@pytest.mark.parametrize(
    ("usage", "after", "share"),
    [
        (Usage(10, 5, 100), 600.0, 0.0),
        (Usage(10, 5, 100), 1.0, 0.0),
        (Usage(60, 5, 100), 600.0, 0.0),
        (Usage(60, 5, 100), 10.0, 1.0),
        (Usage(85, 5, 100), 3000.0, 0.8),
        (Usage(10, 46, 100), 3000.0, 0.9),
        (Usage(10, 5, 990), 3000.0, 0.9),
        (Usage(10, 5, 2000), 3000.0, 1.0),
    ],
)
def test_what_will_be_used_soon(usage: Usage, after: float, share: float) -> None:
    assert Burn(0.0).share(usage, BUDGET, after) == share


def test_what_counts_is_the_pace_of_late() -> None:
    burn = Burn(0.0)
    assert burn.share(Usage(60, 0, 0), BUDGET, HORIZON) == 1.0
    assert burn.share(Usage(61, 0, 0), BUDGET, 2 * HORIZON) == 0.0


def test_a_budget_of_nothing_is_not_burnt() -> None:
    assert Burn(0.0).share(Usage(9, 9, 9), TaskBudget(tokens=0, messages=0, tool_calls=0), 1.0) == 0.0
