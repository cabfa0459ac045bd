"""Turns a team of files to a plan; what refers to nothing is a problem, and all of them are told."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lictor.runtime.definition.limits import first_given, merge_budget, merge_supervise
from lictor.runtime.definition.model_files import ModelShelf
from lictor.runtime.definition.models import DEFAULT, ModelResolver
from lictor.runtime.definition.plan import AgentPlan, GuardsPlan, Place, Plan
from lictor.runtime.definition.policy_data import team_document
from lictor.runtime.definition.problem import Problem, Severity, Span, guess
from lictor.runtime.definition.protection import ProtectionReader
from lictor.runtime.definition.runtime_entry import RuntimeReader
from lictor.runtime.definition.spec import AgentSpec, DefaultsSpec
from lictor.runtime.definition.team import Entry, Team, glob_files
from lictor.runtime.definition.tools import ToolResolver

TIMEOUT: Final = 120.0
"""Seconds a delegation may take when the file says nothing."""
RETRIES: Final = 1
RATE: Final = (50, 1.0)
"""Messages, within seconds, that one principal may send when the file says nothing."""
_SENTENCE: Final = re.compile(r"(.+?[.!?])(?:\s|$)", re.DOTALL)
_MOST_PROMPT: Final = 200_000
_KINDS: Final = ("prompt", "prompt_file", "graph")


@dataclass(slots=True)
class Compiled:
    """A plan as far as it could be made; it holds only when there is no error among the problems."""

    plan: Plan
    problems: list[Problem]
    policies: dict[Path, Span]
    """The user's Rego files, and where the YAML names each."""
    policy_names: dict[Path, str]
    drafts: dict[Path, Span]
    """Rego that is judged without effect, and where the YAML names each file."""
    sources: dict[str, str]
    """Texts of other files in which something is wrong, by name."""


def compile_team(team: Team, shelf: ModelShelf) -> Compiled:
    """Return the plan and what is wrong with it."""
    tools = ToolResolver(team)
    return _Compiler(team, ModelResolver(team, shelf), tools, ProtectionReader(team, tools)).compile()


@dataclass(slots=True)
class _Compiler:
    team: Team
    models: ModelResolver
    tools: ToolResolver
    protection: ProtectionReader
    problems: list[Problem] = field(default_factory=list)
    delegate_places: dict[str, dict[str, Place]] = field(default_factory=dict)

    def compile(self) -> Compiled:
        team = self.team
        if not team.named["agents"] and team.files and not any(problem.is_error for problem in team.problems):
            first = team.files[0]
            message = "a team has at least one agent"
            self._add("L102", message, Span(first.name, 1), "write agents: {helper: {prompt: …}}")
        agents = tuple(self._agent(entry) for entry in team.agents.values())
        self.models.check_unused()
        self.tools.check_unused()
        policies, names = self._policies()
        place = RuntimeReader(team)
        guards, approvals = GuardsPlan(self.protection.team_guards), self.protection.approvals()
        tools, models = tuple(self.tools.plans.values()), self.models.used()
        lines = {name: self._line(entry) for name, entry in team.agents.items()}
        plan = Plan(
            file=team.root,
            folder=team.root.parent,
            nats=place.nats(),
            nats_credentials=place.credentials(),
            store=place.store(),
            agents=agents,
            tools=tools,
            models=models,
            policies=tuple(policies),
            policy_data=team_document(agents, tools, models, self.delegate_places, lines, guards, approvals),
            max_hops=guards.entries["loops"].settings["max_hops"],
            rate=self.protection.rate or RATE,
            guards=guards,
            approvals=approvals,
            policy=place.policy(),
        )
        problems = [
            *self.problems,
            *self.models.problems,
            *self.tools.problems,
            *self.protection.problems,
            *place.problems,
        ]
        return Compiled(plan, problems, policies, names, place.drafts, self.protection.sources)

    def _agent(self, entry: Entry[AgentSpec]) -> AgentPlan:
        spec, defaults = entry.spec, self.team.defaults(entry.source)
        prompt, graph = self._instruction(entry)
        route = spec.route or ("" if spec.graph else defaults.route) or "model"
        tools = self.tools.resolve(entry)
        return AgentPlan(
            name=entry.name,
            description=spec.description or _first_sentence(prompt) or f"The agent {entry.name}.",
            prompt=prompt,
            graph=graph,
            route=route,
            models=self._models(entry, defaults),
            delegates=self._delegates(entry),
            tools=tools,
            expose=tuple(dict.fromkeys(spec.expose)),
            output=self._output(entry),
            budget=merge_budget(spec.budget, defaults.budget),
            supervise=merge_supervise(spec.supervise, defaults.supervise),
            timeout=first_given(spec.timeout, defaults.timeout, TIMEOUT),
            retries=first_given(spec.retries, defaults.retries, RETRIES),
            folder=entry.source.folder,
            place=entry.place(),
            clearance=spec.clearance or defaults.clearance or "internal",
            emits=tuple(dict.fromkeys(spec.emits)),
            contract=self.protection.contract(entry),
            planner=self.protection.planner(entry),
            guards=self.protection.guards(entry, searches=self.tools.searches(tools)),
            isolated=not graph,
            hours=self.protection.hours(entry),
        )

    def _instruction(self, entry: Entry[AgentSpec]) -> tuple[str, str]:
        """Return prompt and graph, of which one is empty."""
        spec = entry.spec
        given = [key for key in _KINDS if getattr(spec, key) is not None]
        if not given and not any((*entry.path, key) in entry.source.document.marks for key in _KINDS):
            message = f"agent '{entry.name}' has no prompt"
            self._add("L106", message, entry.span(), "write one of prompt, prompt_file, graph")
        for key in given[1:]:
            message = f"agent '{entry.name}' has both '{given[0]}' and '{key}'"
            related = ((entry.span(given[0], key=True), "first here"),)
            hint = "keep one of prompt, prompt_file, graph"
            self.problems.append(Problem("L106", message, entry.span(key, key=True), hint, related=related))
        if spec.graph is not None:
            if spec.route is not None:
                self._add(
                    "L115", "a graph picks its next step itself, so it has no route", entry.span("route", key=True)
                )
            path, name = self.tools.python(spec.graph, entry.source.folder, entry.span("graph"))
            return "", f"{path}:{name}" if path else ""
        if spec.prompt_file is not None:
            return self._text(spec.prompt_file, entry.source.folder, entry.span("prompt_file")), ""
        return spec.prompt or "", ""

    def _text(self, name: str, folder: Path, span: Span) -> str:
        path = folder / name
        try:
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
        except (OSError, UnicodeDecodeError) as error:
            self._add("L203", f"'{name}' cannot be read: {error}", span)
            return ""
        if not path.is_file():
            self._add("L203", f"there is no file '{name}'", span, _near(path))
        elif not text.strip():
            self._add("L203", f"'{name}' is empty", span)
        elif len(text) > _MOST_PROMPT:
            self._add("L203", f"'{name}' has more than {_MOST_PROMPT} characters", span)
        return text

    def _models(self, entry: Entry[AgentSpec], defaults: DefaultsSpec) -> tuple[str, ...]:
        spec, source = entry.spec, entry.source
        named: list[tuple[str, Span]] = []
        if spec.model is not None:
            named.append((spec.model, entry.span("model")))
        elif defaults.model is not None:
            named.append((defaults.model, source.document.span(("defaults", "model"))))
        else:
            named.append((DEFAULT, entry.span()))
        if spec.fallback is not None:
            named += [(name, entry.span("fallback", index)) for index, name in enumerate(spec.fallback)]
        else:
            at = ("defaults", "fallback")
            named += [(name, source.document.span((*at, index))) for index, name in enumerate(defaults.fallback or [])]
        found = [self.models.resolve(name, span, source) for name, span in named]
        return tuple(dict.fromkeys(principal for principal in found if principal))

    def _delegates(self, entry: Entry[AgentSpec]) -> tuple[str, ...]:
        known = self.team.named["agents"]
        found: dict[str, Place] = {}
        for index, name in enumerate(entry.spec.delegates):
            span = entry.span("delegates", index)
            if name == entry.name:
                self._add("L208", f"agent '{name}' delegates to itself", span)
            elif name not in known:
                message = f"agent '{entry.name}' delegates to '{name}', which is not defined"
                self._add("L201", message, span, guess(name, known))
            elif name in found:
                self._add("L210", f"agent '{entry.name}' delegates to '{name}' twice", span, "keep one")
            else:
                found[name] = entry.place("delegates", index, key=False)
        self.delegate_places[entry.name] = found
        return tuple(found)

    def _line(self, entry: Entry[AgentSpec]) -> int:
        return entry.span("delegates", key=True).line if entry.spec.delegates else 0

    def _output(self, entry: Entry[AgentSpec]) -> Mapping[str, Any] | None:
        output = entry.spec.output
        if not isinstance(output, str):
            return output
        span = entry.span("output")
        text = self._text(output, entry.source.folder, span)
        if not text.strip():
            return None
        try:
            schema = json.loads(text)
        except (ValueError, RecursionError) as error:
            self._add("L211", f"'{output}' is not JSON: {error}", span)
            return None
        if not isinstance(schema, dict):
            self._add("L211", f"'{output}' is not a JSON Schema: it is not an object", span)
            return None
        return schema

    def _policies(self) -> tuple[dict[Path, Span], dict[Path, str]]:
        """Return the user's Rego files, each with where it is named, and how each is shown."""
        files: dict[Path, Span] = {}
        names: dict[Path, str] = {}
        for source in self.team.files:
            for index, pattern in enumerate(source.spec.policies):
                span = source.document.span(("policies", index))
                found = [path for path in glob_files(source.folder, pattern) if not path.name.endswith("_test.rego")]
                if not found:
                    globbed = any(sign in pattern for sign in "*?[")
                    severity = Severity.WARNING if globbed else Severity.ERROR
                    message = f"no policy matches '{pattern}'" if globbed else f"there is no file '{pattern}'"
                    self.problems.append(Problem("L203", message, span, severity=severity))
                for path in found:
                    files.setdefault(path, span)
                    names.setdefault(path, _shown(path, source.folder, source.name))
        return files, names

    def _add(self, code: str, message: str, span: Span, hint: str = "") -> None:
        self.problems.append(Problem(code, message, span, hint))


def _first_sentence(prompt: str) -> str:
    text = " ".join(prompt.split())
    match = _SENTENCE.match(text)
    return (match[1] if match else text)[:200]


def _near(path: Path) -> str:
    try:
        names: Iterable[str] = [item.name for item in path.parent.iterdir()]
    except (OSError, ValueError):
        return ""
    return guess(path.name, names)


def _shown(path: Path, folder: Path, source_name: str) -> str:
    """Return a file's name in the terms in which the YAML file that names it is shown."""
    shown = Path(source_name).parent
    return str(shown / path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
