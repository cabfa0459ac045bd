from lictor.runtime.definition.limits import first_given, merge_budget, merge_supervise
from lictor.runtime.definition.plan import Budget, Supervise
from lictor.runtime.definition.spec import BudgetSpec, SuperviseSpec


def test_each_limit_comes_from_the_nearest_that_says_it() -> None:
    own, default = BudgetSpec(tokens=5), BudgetSpec(tokens=9, time="2s")  # type: ignore[arg-type]  # as YAML gives it
    assert merge_budget(own, default) == Budget(tokens=5, time=2.0)
    assert merge_budget(None, None) == Budget()


def test_nothing_is_a_limit_too() -> None:
    assert merge_budget(BudgetSpec(tool_calls=0), None).tool_calls == 0
    assert first_given(None, 0, 3) == 0


def test_supervision_speaks_the_words_of_otp() -> None:
    own = SuperviseSpec.model_validate({"restart": "always", "backoff": "2s..4s"})
    default = SuperviseSpec.model_validate({"restart": "never", "intensity": "9/2m"})
    assert merge_supervise(own, default) == Supervise("permanent", 9, 120.0, 2.0, 4.0)
    assert merge_supervise(None, default) == Supervise("temporary", 9, 120.0)
    assert merge_supervise(None, None) == Supervise()
