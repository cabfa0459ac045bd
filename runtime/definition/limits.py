"""Joins what an agent says of its limits with what its file says for all."""

from typing import Any, Final

from lictor.runtime.definition.plan import Budget, Supervise
from lictor.runtime.definition.spec import BudgetSpec, SuperviseSpec

_RESTARTS: Final = {"always": "permanent", "on-failure": "transient", "never": "temporary"}


def first_given(*values: Any) -> Any:  # noqa: ANN401 -- of whatever type they are
    """Return the first value that is not None."""
    return next((value for value in values if value is not None), None)


def merge_budget(own: BudgetSpec | None, default: BudgetSpec | None) -> Budget:
    """Return the limits of one task: what the agent says, else its file, else the usual."""
    names = ("tokens", "time", "messages", "tool_calls", "depth")
    given = {name: first_given(getattr(own, name, None), getattr(default, name, None)) for name in names}
    return Budget(**{name: value for name, value in given.items() if value is not None})


def merge_supervise(own: SuperviseSpec | None, default: SuperviseSpec | None) -> Supervise:
    """Return how a process is kept running: what the agent says, else its file, else the usual."""
    usual = Supervise()
    restart = first_given(getattr(own, "restart", None), getattr(default, "restart", None))
    intensity = first_given(getattr(own, "intensity", None), getattr(default, "intensity", None))
    backoff = first_given(getattr(own, "backoff", None), getattr(default, "backoff", None))
    return Supervise(
        _RESTARTS[restart] if restart else usual.restart,
        *(intensity or (usual.intensity, usual.period)),
        *(backoff or (usual.backoff_first, usual.backoff_most)),
    )
