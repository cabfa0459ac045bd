"""The stages at which the policy is asked, what is known at each, and at which one a rule of the user is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

from lictor.guardrails.policy.bundle import Module
from lictor.guardrails.policy.engine import PolicyError
from lictor.guardrails.policy.fields import WHOLE, Path, read_fields
from lictor.guardrails.policy.syntax import data_of, package_of

STAGES: Final = ("route", "flow", "content", "behaviour")
"""In their order; each knows what those before it know."""
APPROVE: Final = "approve"
"""The stage beside the pipeline: may this person decide on what is held."""
NEW_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "flow": frozenset({"effect", "contract"}),
    "content": frozenset({"findings"}),
    "behaviour": frozenset({"signals"}),
    APPROVE: frozenset({"approver", "held", "edited"}),
}
"""What is first known at a stage; everything else is known from the first."""


@dataclass(frozen=True, slots=True)
class Stages:
    """What a bundle reads where."""

    fields: Mapping[str, frozenset[Path]]
    """For each stage, the paths below `input` that its modules read, none a prefix of another."""
    user: Mapping[str, tuple[str, ...]]
    """For each stage, the names of the user's packages that are asked there: `data.lictor.stages`."""


def arrange(modules: Iterable[Module], trees: Mapping[str, dict[str, Any]]) -> Stages:
    """Derive the stages from the modules and their syntax trees.

    Raises PolicyError for a built-in rule of one stage that reads one of another: its fields would not count.
    """
    read: dict[str, set[Path]] = {stage: set() for stage in (*STAGES, APPROVE)}
    users: dict[str, list[dict[str, Any]]] = {}
    for module in modules:
        tree = trees[module.path]
        parts = package_of(tree).split(".")
        if module.user:
            users.setdefault(parts[-1], []).append(tree)
            continue
        own = _stage_of(module, parts)
        _check_reach(module, tree, own)
        for stage in read if own is None else (own,):
            read[stage] |= read_fields([tree])
    assigned: dict[str, list[str]] = {stage: [] for stage in read}
    for name in sorted(users):
        fields = read_fields([tree for each in _closure(name, users) for tree in users[each]])
        for stage in _stages_of(fields):
            assigned[stage].append(name)
            read[stage] |= fields
    return Stages(
        {stage: _shortest(paths) for stage, paths in read.items()},
        {stage: tuple(names) for stage, names in assigned.items()},
    )


def _stage_of(module: Module, package: list[str]) -> str | None:
    """Return the stage that a built-in module belongs to; None when it supports all of them."""
    if package[:2] == ["lictor", "rules"] and len(package) > 2:
        if package[2] not in (*STAGES, APPROVE):
            raise PolicyError(f"{module.path}: there is no stage {package[2]}: use one of {', '.join(STAGES)}")
        return package[2]
    stem = PurePath(module.path).stem
    return stem if package == ["lictor", "main"] and stem in (*STAGES, APPROVE) else None


def _check_reach(module: Module, tree: dict[str, Any], own: str | None) -> None:
    for path, line in data_of([tree["imports"], tree["rules"]]):
        if own is not None and path[:2] == ("lictor", "rules") and path[2:3] != (own,):
            raise PolicyError(f"{module.path}:{line}: a rule of stage {own} may not read rules of another stage")


def _closure(name: str, users: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    """Return a user's package and all of theirs that it reads, however far."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each in found or each not in users:
            continue
        found.add(each)
        for tree in users[each]:
            read = [path for path, _ in data_of([tree["imports"], tree["rules"]]) if path[:2] == ("lictor", "user")]
            waiting += users if any(path[2:3] in {(), ("*",)} for path in read) else [path[2] for path in read]
    return found


def _stages_of(fields: frozenset[Path]) -> tuple[str, ...]:
    """Return where a package of the user's is asked: at the first stage at which all it reads is known.

    What it reads of approvers is known beside the pipeline only: a package that reads that too is asked at both.
    """
    tops = {path[0] for path in fields if path}
    every = WHOLE in fields
    approves = every or bool(tops & NEW_FIELDS[APPROVE])
    if approves and not every and not tops - NEW_FIELDS[APPROVE]:
        return (APPROVE,)
    last = next(stage for stage in reversed(STAGES) if every or stage == STAGES[0] or tops & NEW_FIELDS[stage])
    return (last, APPROVE) if approves else (last,)


def earlier_fields(stage: str) -> frozenset[str]:
    """Return the fields that stages before this one have added."""
    before = STAGES[: STAGES.index(stage)] if stage in STAGES else ()
    return frozenset().union(*(NEW_FIELDS.get(each, frozenset()) for each in before))


def _shortest(paths: set[Path]) -> frozenset[Path]:
    return frozenset(path for path in paths if not any(path[:length] in paths for length in range(len(path))))


def with_stages(data: Mapping[str, Any], stages: Stages) -> dict[str, Any]:
    """Return a bundle's data with `data.lictor.stages` in it: which of the user's packages are asked where."""
    own = data.get("lictor", {})
    return {**data, "lictor": {**own, "stages": {stage: list(names) for stage, names in stages.user.items()}}}
