"""Who takes part in a task, how deep, and what it used."""

from lictor.guardrails.ledger import TaskLedger


def test_only_outsiders_start_tasks() -> None:
    ledger = TaskLedger()
    assert not ledger.joins("t", "agent", starts=False, now=1.0)
    assert ledger.joins("t", "op-cli", starts=True, now=1.0)
    assert ledger.joins("t", "op-cli", starts=True, now=2.0)
    assert not ledger.joins("t", "ext-b", starts=True, now=2.0)
    assert not ledger.joins("t", "agent", starts=False, now=2.0)
    ledger.reach("t", "agent", 1)
    assert ledger.joins("t", "agent", starts=False, now=2.0)
    assert ledger.age("t", 4.0) == 3.0


def test_hops_follow_the_last_delivery() -> None:
    ledger = TaskLedger()
    ledger.joins("t", "op-cli", starts=True, now=0.0)
    assert ledger.hops("t", "op-cli") == 1
    ledger.reach("t", "a", 1)
    assert ledger.hops("t", "a") == 2
    ledger.reach("t", "a", 5)
    assert ledger.hops("t", "a") == 6


def test_unknown_tasks_have_nothing() -> None:
    ledger = TaskLedger()
    ledger.reach("t", "a", 3)
    assert ledger.hops("t", "a") == 1
    assert ledger.age("t", 9.0) == 0.0
    ledger.usage("t", "a").messages += 1
    assert ledger.usage("t", "a").messages == 0


def test_usage_is_kept_for_each_principal_and_task() -> None:
    ledger = TaskLedger()
    for task in ("t", "u"):
        ledger.joins(task, "op-cli", starts=True, now=0.0)
    ledger.usage("t", "a").tokens += 5
    assert ledger.usage("t", "a").tokens == 5
    assert ledger.usage("t", "b").tokens == 0
    assert ledger.usage("u", "a").tokens == 0


def test_the_task_used_longest_ago_is_forgotten_and_cannot_be_taken_up_by_agents() -> None:
    ledger = TaskLedger(most=2)
    for task in ("t", "u"):
        ledger.joins(task, "op-cli", starts=True, now=0.0)
        ledger.reach(task, "a", 1)
    ledger.joins("t", "a", starts=False, now=0.0)
    ledger.joins("v", "op-cli", starts=True, now=0.0)
    assert ledger.joins("t", "a", starts=False, now=0.0)
    assert not ledger.joins("u", "a", starts=False, now=0.0)


def test_a_tasks_time_is_not_counted_while_it_waits_for_a_person() -> None:
    ledger = TaskLedger()
    ledger.joins("t", "op-cli", starts=True, now=100.0)
    ledger.pause("t", 110.0)
    ledger.pause("t", 150.0)
    assert ledger.age("t", 200.0) == 10.0
    ledger.resume("t", 200.0)
    ledger.resume("t", 300.0)
    assert ledger.age("t", 205.0) == 15.0
    ledger.pause("nothing", 1.0)
    ledger.resume("nothing", 1.0)
    assert (ledger.owner("t"), ledger.owner("nothing")) == ("op-cli", "")
