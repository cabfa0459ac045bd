"""The entry: a YAML file in, a plan and everything that is wrong with it out."""

import os
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from lictor.runtime.definition.compile import compile_team
from lictor.runtime.definition.flows import check_flows
from lictor.runtime.definition.model_files import is_installed, shelf
from lictor.runtime.definition.plan import Plan
from lictor.runtime.definition.problem import DefinitionError, Problem, Span, sort_problems
from lictor.runtime.definition.reach import check_reach
from lictor.runtime.definition.rego import check_rego
from lictor.runtime.definition.team import read_team

STORE_VARIABLE: Final = "LICTOR_STORE"
"""Names the record of a team whose YAML does not."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file."""

    plan: Plan | None
    """None when there is an error."""
    problems: tuple[Problem, ...]
    """All of them, warnings too, by file and line."""
    sources: Mapping[str, str]
    """Names of files and their texts, for `render_problems`."""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop the team from starting."""
        return tuple(problem for problem in self.problems if problem.is_error)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not."""
        return tuple(problem for problem in self.problems if not problem.is_error)


def load_plan(
    file: Path,
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    installed: Callable[[str], bool] = is_installed,
) -> Loaded:
    """Read, check and compile a team; never raises for what the file says.

    `file` may be relative to `cwd`, and is shown as it is given. `installed` tells which model packages there are.
    """
    environ, cwd = os.environ if environ is None else environ, cwd or Path.cwd()
    root = Path(os.path.abspath(cwd / file))  # noqa: PTH100 -- links stay links: includes are beside the name that was given
    team = read_team(root, str(file), environ)
    compiled = compile_team(team, shelf(root.parent, cwd, environ, installed))
    problems = [*team.problems, *compiled.problems]
    sources = {**team.sources, **compiled.sources}
    broken = any(problem.is_error for problem in problems)
    data = {} if broken else compiled.plan.policy_data
    shown = {path: os.path.relpath(path, cwd) for path in compiled.drafts}
    for files, names in ((compiled.policies, compiled.policy_names), (compiled.drafts, shown)):
        if files:
            found, texts = check_rego(files, names, data)
            problems += found
            sources |= texts
    if not broken:
        problems += [*check_reach(team, compiled.plan.agents), *check_flows(team, compiled.plan)]
    ordered = sort_problems(_told(problems, team.unfilled, broken=broken))
    if any(problem.is_error for problem in ordered):
        return Loaded(None, ordered, sources)
    default = environ.get(STORE_VARIABLE) or f"sqlite:///{cwd.resolve()}/.lictor/lictor.db"
    return Loaded(replace(compiled.plan, store=compiled.plan.store or default), ordered, sources)


def require_plan(file: Path, *, environ: Mapping[str, str] | None = None, cwd: Path | None = None) -> Plan:
    """Return the plan of a file; raises DefinitionError when it has errors."""
    loaded = load_plan(file, environ=environ, cwd=cwd)
    if loaded.plan is None:
        raise DefinitionError(loaded.errors, loaded.sources)
    return loaded.plan


def _told(problems: list[Problem], unfilled: Set[Span], *, broken: bool) -> list[Problem]:
    """Leave out what may be untrue while there are errors: who uses whom, and what is wrong with a value not known."""
    return [
        problem
        for problem in problems
        if not (broken and problem.code in ("L301", "L302"))
        and (problem.span not in unfilled or problem.code in ("L502", "L504", "L505"))
    ]
