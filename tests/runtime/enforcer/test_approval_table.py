"""From a plan to the table: how long calls of which tool wait."""

import pytest

from lictor.runtime.definition.plan import ApprovalsPlan, ApproverRule
from lictor.runtime.enforcer.approval_table import build_table

PLAN = ApprovalsPlan(
    timeout=60.0,
    most=3,
    tools=(ApproverRule("pay_*", ("op-boss",), 10.0), ApproverRule("pay_later", ("op-boss",), 20.0)),
)


@pytest.mark.parametrize(("tool", "seconds"), [("pay_now", 10.0), ("pay_later", 10.0), ("send", 60.0), ("", 60.0)])
def test_the_first_entry_counts(tool: str, seconds: float) -> None:
    table = build_table(PLAN)
    assert table._timeout(tool) == seconds
    assert table.limits.most == 3
