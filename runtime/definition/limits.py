"""Joins what an agent says of its limits with what its file says for all."""

from typing import Any, Final

from lictor.runtime.definition.constraints import Hours
from lictor.runtime.definition.entries import HoursSpec
from lictor.runtime.definition.hours import parse_windows, parse_zone
from lictor.runtime.definition.plan import Budget, Place, Supervise
from lictor.runtime.definition.spec import BudgetSpec, SuperviseSpec

_RESTARTS: Final = {"always": "permanent", "on-failure": "transient", "never": "temporary"}


def first_given(*values: Any) -> Any:  # noqa: ANN401 -- of whatever type they are
    """Return the first value that is not None."""
    return next((value for value in values if value is not None), None)


def merge_budget(own: BudgetSpec | None, default: BudgetSpec | None) -> Budget:
    """Return the limits of one task: what the agent says, else its file, else the usual."""
    names = ("tokens", "time", "messages", "tool_calls", "depth", "ask_at")
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


def read_hours(entry: str | list[str] | HoursSpec | None, place: Place) -> Hours | None:
    """Return when something may be done; None when nothing is said, which means always."""
    match entry:
        case None:
            return None
        case HoursSpec():
            texts, offset = entry.allow, parse_zone(entry.zone)
        case _:
            texts, offset = [entry] if isinstance(entry, str) else entry, 0
    return Hours(parse_windows(texts, offset), place.file, place.line)
