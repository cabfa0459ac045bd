"""Reads the root file and what it includes, and joins them to one team."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from lictor.runtime.definition.availability import remove_unavailable
from lictor.runtime.definition.entries import ModelEntry, ServerEntry
from lictor.runtime.definition.environment import expand, read_dotenv
from lictor.runtime.definition.plan import Place
from lictor.runtime.definition.problem import Problem, Severity, Span
from lictor.runtime.definition.reader import MOST_CHARACTERS, Document, read_document
from lictor.runtime.definition.reader import Path as KeyPath
from lictor.runtime.definition.shape import check_shape
from lictor.runtime.definition.spec import AgentSpec, ApprovalsSpec, DefaultsSpec, FileSpec, RuntimeSpec

MOST_DEPTH: Final = 5
"""Files included by included files."""
MOST_FILES: Final = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that was read."""

    name: str
    """As it is shown."""
    path: Path
    document: Document
    spec: FileSpec

    @property
    def folder(self) -> Path:
        """Where relative paths of this file start."""
        return self.path.parent

    def place(self, path: KeyPath, *, key: bool = True) -> Place:
        """Return where the key (or the value) at `path` stood."""
        span = self.document.span(path, key=key)
        return Place(self.name, span.line, span.column, self.document.last_line(path))


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """Something that a file defines under a name."""

    name: str
    spec: T
    source: SourceFile
    path: KeyPath

    def span(self, *steps: str | int, key: bool = False) -> Span:
        """Return the span of what stands below this entry; of its name without steps."""
        return self.source.document.span((*self.path, *steps), key=key or not steps)

    def place(self, *steps: str | int, key: bool = True) -> Place:
        """Return the place of what stands below this entry."""
        return self.source.place((*self.path, *steps), key=key)


@dataclass(slots=True)
class Team:
    """All files as one."""

    root: Path
    files: list[SourceFile] = field(default_factory=list)
    agents: dict[str, Entry[AgentSpec]] = field(default_factory=dict)
    models: dict[str, Entry[ModelEntry]] = field(default_factory=dict)
    servers: dict[str, Entry[ServerEntry]] = field(default_factory=dict)
    runtime: Entry[RuntimeSpec] | None = None
    guards: Entry[dict[str, Any]] | None = None
    approvals: Entry[ApprovalsSpec] | None = None
    named: dict[str, dict[str, Span]] = field(default_factory=lambda: {"agents": {}, "models": {}, "mcp": {}})
    """Every name that a file gives, also of what is broken or not available: references to it are no second error."""
    sources: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unfilled: set[Span] = field(default_factory=set)
    """Places of strings that hold a variable without a value."""

    def defaults(self, source: SourceFile) -> DefaultsSpec:
        """Return what holds for agents of this file."""
        return source.spec.defaults or DefaultsSpec()


def read_team(root: Path, name: str, environ: Mapping[str, str]) -> Team:
    """Return the team of the root file; never raises for what stands in the files.

    `name` is how the root file is shown.
    """
    team = Team(root)
    dotenv, problems = read_dotenv(root.parent / ".env", os.path.join(os.path.dirname(name), ".env"))  # noqa: PTH118, PTH120 -- keeps `./` as given
    team.problems.extend(problems)
    _Reader(team, name, {**dotenv, **environ}).read(root, name, 0, Span(name))
    return team


@dataclass(slots=True)
class _Reader:
    team: Team
    root_name: str
    variables: Mapping[str, str]
    seen: set[Path] = field(default_factory=set)

    def read(self, path: Path, name: str, depth: int, asked_at: Span) -> None:
        resolved = path.resolve()
        if resolved in self.seen:
            return
        self.seen.add(resolved)
        text = self._text(path, name, asked_at)
        if text is None:
            return
        self.team.sources[name] = text
        document = read_document(text, name)
        expansion = expand(document, self.variables, path.parent)
        named = _names(document)
        document.data = expansion.data
        self.team.unfilled |= expansion.unfilled
        later = remove_unavailable(document)
        spec, shape = check_shape(document)
        self.team.problems += [*document.problems, *expansion.problems, *later, *shape]
        source = SourceFile(name, path, document, spec)
        self.team.files.append(source)
        self._join(source, named)
        for index, pattern in enumerate(spec.include):
            self._include(source, pattern, depth, document.span(("include", index)))

    def _text(self, path: Path, name: str, asked_at: Span) -> str | None:
        try:
            with path.open("rb") as stream:
                content = stream.read(MOST_CHARACTERS * 4 + 1)
            return content.decode("utf-8-sig")
        except OSError as error:
            self._add("L114", f"'{name}' cannot be read: {error.strerror or error}", asked_at)
        except UnicodeDecodeError as error:
            self._add("L114", f"'{name}' is not UTF-8 text (byte {error.start})", asked_at)
        return None

    def _join(self, source: SourceFile, named: dict[str, list[str]]) -> None:
        team, spec = self.team, source.spec
        self._add_all(source, "agents", named, team.agents, spec.agents)
        self._add_all(source, "models", named, team.models, spec.models)
        self._add_all(source, "mcp", named, team.servers, spec.mcp)
        if spec.runtime is not None:
            team.runtime = self._once(team.runtime, Entry("runtime", spec.runtime, source, ("runtime",)))
        if spec.guards is not None:
            team.guards = self._once(team.guards, Entry("guards", spec.guards, source, ("guards",)))
        if spec.approvals is not None:
            team.approvals = self._once(team.approvals, Entry("approvals", spec.approvals, source, ("approvals",)))

    def _add_all(
        self,
        source: SourceFile,
        section: str,
        named: Mapping[str, list[str]],
        entries: dict[str, Entry[T]],
        specs: Mapping[str, T],
    ) -> None:
        for name in named[section]:
            span = source.document.span((section, name), key=True)
            first = self.team.named[section].setdefault(name, span)
            if first != span:
                message = f"{_ONE[section]} '{name}' is defined twice"
                self.team.problems.append(Problem("L205", message, span, related=((first, "first here"),)))
            elif name in specs:
                entries[name] = Entry(name, specs[name], source, (section, name))

    def _once(self, before: Entry[T] | None, entry: Entry[T]) -> Entry[T]:
        if before is None:
            return entry
        message = f"'{entry.name}' holds for the whole team, and two files have it"
        self.team.problems.append(Problem("L205", message, entry.span(), related=((before.span(), "first here"),)))
        return before

    def _include(self, source: SourceFile, pattern: str, depth: int, span: Span) -> None:
        if "://" in pattern:
            self._add("L207", "an include is a path, never a URL", span)
            return
        if depth >= MOST_DEPTH:
            self._add("L207", f"includes go at most {MOST_DEPTH} files deep", span)
            return
        if not _base(source.folder, pattern).resolve().is_relative_to(self.team.root.parent.resolve()):
            self._add("L207", f"'{pattern}' leaves the folder of the root file", span, "move the file below it")
            return
        found = False
        for path in glob_files(source.folder, pattern):
            found = True
            if not path.resolve().is_relative_to(self.team.root.parent.resolve()):
                self._add("L207", f"'{pattern}' leaves the folder of the root file", span, "move the file below it")
                return
            if len(self.seen) > MOST_FILES:
                self._add("L207", f"a team has at most {MOST_FILES} files", span)
                return
            shown = os.path.relpath(path, self.team.root.parent)
            folder = os.path.dirname(self.root_name)  # noqa: PTH120 -- keeps `./` as given
            self.read(path, os.path.join(folder, shown), depth + 1, span)  # noqa: PTH118 -- keeps `./` as given
        if not found:
            globbed = _is_glob(pattern)
            message = f"no file matches '{pattern}'" if globbed else f"there is no file '{pattern}'"
            self._add("L209", message, span, severity=Severity.WARNING if globbed else Severity.ERROR)

    def _add(self, code: str, message: str, span: Span, hint: str = "", severity: Severity = Severity.ERROR) -> None:
        self.team.problems.append(Problem(code, message, span, hint, severity))


_ONE: Final = {"agents": "agent", "models": "model", "mcp": "MCP server"}


def _names(document: Document) -> dict[str, list[str]]:
    data: Any = document.data if isinstance(document.data, dict) else {}
    sections = {section: data.get(section) for section in _ONE}
    return {section: list(entries) if isinstance(entries, dict) else [] for section, entries in sections.items()}


def _is_glob(text: str) -> bool:
    return any(sign in text for sign in "*?[")


def _base(folder: Path, pattern: str) -> Path:
    """Return the part of a pattern before its first glob sign: it may be absolute or go up."""
    parts = Path(pattern.replace("\0", "�")).parts
    fixed = list(takewhile(lambda part: not _is_glob(part), parts))
    return folder.joinpath(*fixed)


def glob_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files that a pattern names, sorted; without a glob sign that is at most one."""
    base = _base(folder, pattern)
    if not _is_glob(pattern):
        return [base] if base.is_file() else []
    parts = Path(pattern).parts
    rest = parts[next(index for index, part in enumerate(parts) if _is_glob(part)) :]
    try:
        return sorted(path for path in base.glob(str(Path(*rest))) if path.is_file())
    except (ValueError, NotImplementedError, OSError):
        return []
