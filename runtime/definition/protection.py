"""Reads what protects a team: guards, contracts, approvals and hours, each laid over what holds for all."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from lictor.runtime.definition.constraints import Hours
from lictor.runtime.definition.contracts import check_contract_file, check_inline_contract
from lictor.runtime.definition.guard_entries import GuardReader
from lictor.runtime.definition.guards import OFF, built_in, overlay
from lictor.runtime.definition.limits import first_given, read_hours
from lictor.runtime.definition.marking import check_words
from lictor.runtime.definition.permits import is_glob
from lictor.runtime.definition.plan import ApprovalsPlan, ApproverRule, GuardPlan
from lictor.runtime.definition.problem import Problem, Span
from lictor.runtime.definition.spec import AgentSpec
from lictor.runtime.definition.team import Entry, Team
from lictor.runtime.definition.tools import ToolResolver
from lictor.runtime.definition.units import parse_rate

_OPERATOR: Final = "op-"
_GROUNDED: Final = "groundedness"


@dataclass(slots=True)
class ProtectionReader:
    """Reads the team's, the files' and the agents' own."""

    team: Team
    tools: ToolResolver
    problems: list[Problem] = field(default_factory=list)
    rate: tuple[int, float] | None = None
    """Messages per seconds that one principal may send, when the file says so."""
    sources: dict[str, str] = field(default_factory=dict)
    """Texts of contracts in which something is wrong, by name."""
    team_guards: dict[str, GuardPlan] = field(default_factory=built_in)
    """Every guard, as it is set for whoever is no agent."""

    def __post_init__(self) -> None:
        entry = self.team.guards
        if entry is None:
            return
        reader = GuardReader(entry.source, entry.path, team=True)
        self.team_guards = overlay(self.team_guards, reader.read(entry.spec))
        self.problems += reader.problems
        if "rate" in entry.spec:
            try:
                self.rate = parse_rate(entry.spec["rate"])
            except ValueError as error:
                self._add("L103", str(error), entry.span("rate"))

    def guards(self, agent: Entry[AgentSpec], *, searches: bool) -> dict[str, GuardPlan]:
        """Return every guard of an agent; when it `searches` passages, citations are looked at, unless it is said."""
        defaults = GuardReader(agent.source, ("defaults", "guards"))
        own = GuardReader(agent.source, (*agent.path, "guards"))
        guards = overlay(self.team_guards, defaults.read(self.team.defaults(agent.source).guards or {}))
        guards = overlay(guards, own.read(agent.spec.guards or {}))
        self.problems += [*defaults.problems, *own.problems]
        grounded = guards[_GROUNDED]
        if searches and grounded.mode == OFF and not grounded.place.file:
            guards[_GROUNDED] = replace(grounded, mode="warn")
        return guards

    def contract(self, agent: Entry[AgentSpec]) -> Path | Mapping[str, Any] | None:
        """Return the contract as it is written: a file, or a map; what is wrong in it is told at its place."""
        given = agent.spec.contract
        if given is None:
            return None
        where = agent.source.document.span((*agent.path, "contract"))
        if isinstance(given, str):
            path = agent.source.folder / given
            if not path.is_file():
                self._add("L203", f"there is no file '{given}'", where)
                return None
            shown = os.path.join(os.path.dirname(agent.source.name), given)  # noqa: PTH118, PTH120 -- keeps `./` as given
            problems, texts = check_contract_file(path, shown, where)
            self.problems += problems
            self.sources |= texts
            return path.resolve()
        self.problems += check_inline_contract(given, agent.source.document, (*agent.path, "contract"))
        return given

    def planner(self, agent: Entry[AgentSpec]) -> str:
        """Return `file.py:name`, resolved, of the function that writes contracts."""
        if agent.spec.planner is None:
            return ""
        path, name = self.tools.python(agent.spec.planner, agent.source.folder, agent.span("planner"))
        return f"{path}:{name}" if path is not None else ""

    def hours(self, agent: Entry[AgentSpec]) -> Hours | None:
        """Return when an agent may act."""
        self.problems += check_words(agent.source, agent.path, "emits", agent.spec.emits)
        if agent.spec.hours is not None:
            return read_hours(agent.spec.hours, agent.place("hours"))
        return read_hours(self.team.defaults(agent.source).hours, agent.source.place(("defaults", "hours")))

    def approvals(self) -> ApprovalsPlan:
        """Return who may approve what, and how long it waits."""
        usual, entry = ApprovalsPlan(), self.team.approvals
        if entry is None:
            return usual
        spec = entry.spec
        by = self._people(spec.by, entry.span("by"), usual.by)
        timeout = first_given(spec.timeout, usual.timeout)
        most = self._at_least_one(spec.most, entry.span("most"), usual.most)
        people = self._at_least_one(spec.people, entry.span("people"), usual.people)
        rules: list[ApproverRule] = []
        for tool, rule in spec.tools.items():
            at = ("tools", tool)
            if not is_glob(tool):
                self._add(
                    "L117", f"'{tool}' is not a glob", entry.span(*at, key=True), "write a tool's name, or find_*"
                )
            names = self._people(rule.by, entry.span(*at, "by"), by)
            number = self._at_least_one(rule.people, entry.span(*at, "people"), people)
            rules.append(ApproverRule(tool, names, first_given(rule.timeout, timeout), number, entry.place(*at)))
        return ApprovalsPlan(timeout, by, most, people, tuple(rules), entry.place())

    def _at_least_one(self, given: int | None, span: Span, usual: int) -> int:
        if given is not None and given < 1:
            self._add("L103", "at least one is needed here", span)
        return usual if given is None else given

    def _people(self, given: list[str] | None, span: Span, usual: tuple[str, ...]) -> tuple[str, ...]:
        if given is None:
            return usual
        if not given:
            message = "nobody may approve, so everything that is asked is denied when its time is over"
            self._add("L304", message, span, "name an operator: [op-ana], or [op-*] for all")
        for name in given:
            if not name.startswith(_OPERATOR):
                hint = f"did you mean '{_OPERATOR}{name}'?"
                self._add("L304", f"'{name}' cannot approve: only operators do, and they are called op-…", span, hint)
        return tuple(given)

    def _add(self, code: str, message: str, span: Span, hint: str = "") -> None:
        self.problems.append(Problem(code, message, span, hint))
