"""Resolves the tools of agents to tool servers: shared ones by name, inline ones with a server of their own."""

import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from lictor.protocols.names import is_name
from lictor.runtime.definition.entries import (
    CommandSpec,
    McpToolSpec,
    PythonToolSpec,
    RagToolSpec,
    ServerEntry,
    UrlSpec,
)
from lictor.runtime.definition.environment import is_secret_name, looks_like_key
from lictor.runtime.definition.limits import read_hours
from lictor.runtime.definition.marking import TRUSTED, check_words, clearance_of, join_words, labels_of
from lictor.runtime.definition.models import literal_key, unique
from lictor.runtime.definition.permits import read_permit
from lictor.runtime.definition.plan import Secret, ToolPlan, ToolUse
from lictor.runtime.definition.problem import Problem, Severity, Span, guess
from lictor.runtime.definition.python_names import NotPython, defined_names, split_reference
from lictor.runtime.definition.spec import AgentSpec
from lictor.runtime.definition.team import Entry, Team

TIMEOUT: Final = 30.0
"""Seconds a tool call may take when the file says nothing."""
_URL: Final = re.compile(r"https?://[^\s/?#]+\S*")
_RUNNERS: Final = frozenset(
    {"uvx", "npx", "uv", "run", "python", "python3", "node", "docker", "env", "pipx", "bunx", "deno", "exec", "tool"}
)
ToolSpec = McpToolSpec | PythonToolSpec | RagToolSpec
_Values = Mapping[str, str | Secret]


@dataclass(slots=True)
class ToolResolver:
    """Gives each tool server one principal."""

    team: Team
    problems: list[Problem] = field(default_factory=list)
    plans: dict[str, ToolPlan] = field(default_factory=dict)
    """By principal, in order of first use."""
    shared: dict[str, str] = field(default_factory=dict)
    """Name under `mcp:` to principal; empty when the entry is broken."""
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What shared servers refuse, whoever calls them, by principal."""

    def resolve(self, agent: Entry[AgentSpec]) -> tuple[ToolUse, ...]:
        """Return what the agent may use, as far as it can be resolved; the rest are problems."""
        uses: list[ToolUse] = []
        for index, tool in enumerate(agent.spec.tools):
            at = ("tools", index)
            for key in ("labels", "refuse"):
                self.problems += check_words(agent.source, (*agent.path, *at), key, getattr(tool, key))
            match tool:
                case McpToolSpec():
                    principal = self._mcp(tool, agent, at)
                case PythonToolSpec():
                    principal = self._python(tool, agent, at)
                case RagToolSpec():
                    principal = self._rag(tool, agent, at)
            if not principal:
                continue
            if any(use.tool == principal for use in uses):
                self._add("L210", f"agent '{agent.name}' lists this server twice", agent.span(*at, "mcp"), "keep one")
                continue
            place = agent.place(*at, *(("permit",) if tool.permit else (_kind(tool),)))
            plan = self.plans[principal]
            timeout = tool.timeout if tool.timeout is not None else plan.timeout
            retries = tool.retries if tool.retries is not None else plan.retries
            if retries > plan.retries:
                # The server itself calls again, and only what it may: so the most patient of its users decides.
                self.plans[principal] = replace(plan, retries=retries)
            permit, problems = read_permit(tool.permit, agent, (*at, "permit"))
            self.problems += problems
            uses.append(
                ToolUse(
                    principal,
                    permit,
                    place,
                    tool.permit is not None,
                    timeout,
                    retries,
                    labels=join_words(plan.labels, labels_of(tool.labels, remote=False)),
                    refuse=join_words(self.refused.get(principal, ()), tool.refuse),
                    hours=read_hours(tool.hours, agent.place(*at, "hours")),
                )
            )
        return tuple(uses)

    def searches(self, uses: tuple[ToolUse, ...]) -> bool:
        """Tell whether one of them searches passages."""
        return any(self.plans[use.tool].kind == "rag" for use in uses)

    def check_unused(self) -> None:
        """Look at the servers that nobody uses, so that their mistakes are told as well; and say that nobody does."""
        for name, entry in self.team.servers.items():
            if name not in self.shared:
                self._server(entry)
                message = f"no agent uses MCP server '{name}', so nobody may call its tools"
                self.problems.append(Problem("L301", message, entry.span(), severity=Severity.WARNING))

    def _mcp(self, tool: McpToolSpec, agent: Entry[AgentSpec], at: tuple[str | int, ...]) -> str:
        text = tool.mcp.strip()
        span = agent.span(*at, "mcp")
        if text in self.team.named["mcp"]:
            for key in ("env", "headers", "clearance"):
                if getattr(tool, key):
                    where = agent.span(*at, key, key=True)
                    self._add("L115", f"'{key}' belongs to the shared server '{text}', under mcp:", where)
            if TRUSTED in (tool.labels or ()):
                where = agent.span(*at, "labels")
                self._add("L115", f"whether it is trusted is said at the shared server '{text}', under mcp:", where)
            return self._shared(text)
        known = self.team.named["mcp"]
        if is_name(text) and shutil.which(text) is None:
            hint = guess(text, known) or "name it under mcp:, or write a command line or a URL"
            self._add("L204", f"there is no MCP server '{text}' under mcp:, and no such command", span, hint)
            return ""
        headers, environment = tool.headers, tool.env
        self._check_literals(headers, agent, (*at, "headers"))
        self._check_literals(environment, agent, (*at, "env"))
        plan = self._server_plan(text, span, agent, at, environment, headers)
        if plan is None:
            return ""
        timeout = tool.timeout if tool.timeout is not None else TIMEOUT
        return self._keep(_marked(plan, tool), f"{agent.name}-{_command_name(plan)}", timeout, tool.retries or 0)

    def _shared(self, name: str) -> str:
        if name in self.shared:
            return self.shared[name]
        entry = self.team.servers.get(name)
        plan = self._server(entry) if entry is not None else None
        spec = entry.spec if entry is not None else ""
        if plan is not None and entry is not None:
            plan = _marked(plan, None if isinstance(spec, str) else spec)
            for key in () if isinstance(spec, str) else ("labels", "refuse"):
                self.problems += check_words(entry.source, entry.path, key, getattr(spec, key))
        timeout = TIMEOUT if isinstance(spec, str) or spec.timeout is None else spec.timeout
        retries = 0 if isinstance(spec, str) else spec.retries or 0
        principal = self._keep(plan, name, timeout, retries) if plan is not None else ""
        self.shared[name] = principal
        self.refused[principal] = () if isinstance(spec, str) else tuple(spec.refuse)
        return self.shared[name]

    def _server(self, entry: Entry[ServerEntry]) -> ToolPlan | None:
        match entry.spec:
            case str() as text:
                return self._server_plan(text, entry.source.document.span(entry.path), entry, (), {}, {})
            case CommandSpec(command=text, env=environment):
                self._check_literals(environment, entry, ("env",))
                if _URL.fullmatch(text):
                    self._add("L116", "this is a URL, not a command", entry.span("command"), "write url:")
                    return None
                return self._server_plan(text, entry.span("command"), entry, (), environment, {})
            case UrlSpec(url=text, headers=headers):
                self._check_literals(headers, entry, ("headers",))
                if not _URL.fullmatch(text):
                    self._add("L116", "a URL begins with http:// or https://", entry.span("url"))
                    return None
                return self._server_plan(text, entry.span("url"), entry, (), {}, headers)

    def _server_plan(  # noqa: PLR0917 -- one value each
        self,
        text: str,
        span: Span,
        entry: Entry[AgentSpec] | Entry[ServerEntry],
        at: tuple[str | int, ...],
        environment: _Values,
        headers: _Values,
    ) -> ToolPlan | None:
        folder, place = entry.source.folder, entry.place(*at)
        if "://" in text.split(maxsplit=1)[0]:
            if not _URL.fullmatch(text):
                self._add("L116", "an MCP server is reached by http:// or https://", span)
                return None
            if environment:
                where = entry.span(*at, "env", key=True)
                self._add("L115", "a server that is reached by URL has headers, not env", where)
            return ToolPlan("", "mcp-http", url=text, headers=_hidden(headers), folder=folder, place=place)
        if headers:
            where = entry.span(*at, "headers", key=True)
            self._add("L115", "a server that is started by a command has env, not headers", where)
        try:
            command = tuple(shlex.split(text))
        except ValueError as error:
            self._add("L116", f"not a command line: {str(error).lower()}", span)
            return None
        if not command:
            self._add("L116", "the command line is empty", span)
            return None
        if shutil.which(command[0]) is None and not (folder / command[0]).is_file():
            message = f"there is no command '{command[0]}' on this machine"
            self.problems.append(Problem("L603", message, span, "install it, or correct PATH", Severity.WARNING))
        return ToolPlan("", "mcp-stdio", command=command, environment=_hidden(environment), folder=folder, place=place)

    def _python(self, tool: PythonToolSpec, agent: Entry[AgentSpec], at: tuple[str | int, ...]) -> str:
        span = agent.span(*at, "python")
        self._check_literals(tool.env, agent, (*at, "env"))
        path, name = self.python(tool.python, agent.source.folder, span)
        if path is None:
            return ""
        plan = ToolPlan(
            "",
            "python",
            environment=_hidden(tool.env),
            source=path,
            function=name,
            folder=agent.source.folder,
            place=agent.place(*at),
        )
        timeout = tool.timeout if tool.timeout is not None else TIMEOUT
        name = f"{agent.name}-{name.strip('_') or 'tool'}"
        return self._keep(_marked(plan, tool), name, timeout, tool.retries or 0)

    def python(self, reference: str, folder: Path, span: Span) -> tuple[Path | None, str]:
        """Return file and name of `file.py:name`; no file when something is wrong, and then there is a problem."""
        file, name = split_reference(reference)
        if not file:
            self._add("L116", f"'{reference}' is not of the form file.py:name", span)
            return None, ""
        path = folder / file
        if not path.is_file():
            self._add("L203", f"there is no file '{file}'", span)
            return None, ""
        try:
            names, star = defined_names(path)
        except NotPython as error:
            self._add("L206", f"'{file}' is not Python that can be read: {error}", span)
            return None, ""
        if name not in names and not star:
            self._add("L206", f"there is no '{name}' in {file}", span, guess(name, names))
            return None, ""
        return path.resolve(), name

    def _rag(self, tool: RagToolSpec, agent: Entry[AgentSpec], at: tuple[str | int, ...]) -> str:
        folder = agent.source.folder / tool.rag
        if not folder.is_dir():
            self._add("L203", f"there is no folder '{tool.rag}'", agent.span(*at, "rag"))
            return ""
        if not 1 <= tool.top_k <= 100:
            self._add("L103", "top_k is from 1 to 100", agent.span(*at, "top_k"))
        source = folder.resolve()
        plan = ToolPlan("", "rag", source=source, top_k=tool.top_k, folder=agent.source.folder, place=agent.place(*at))
        timeout = tool.timeout if tool.timeout is not None else TIMEOUT
        return self._keep(_marked(plan, tool), f"{agent.name}-{source.name or 'rag'}", timeout, tool.retries or 0)

    def _keep(self, plan: ToolPlan, name: str, timeout: float, retries: int) -> str:
        principal = unique("tool", name, self.plans)
        self.plans[principal] = replace(plan, principal=principal, timeout=timeout, retries=retries)
        return principal

    def _check_literals(
        self, values: _Values, entry: Entry[AgentSpec] | Entry[ServerEntry], at: tuple[str | int, ...]
    ) -> None:
        for name, value in values.items():
            if not isinstance(value, str):
                continue
            telling = is_secret_name(name.replace("-", "_")) or name.lower() == "authorization"
            if looks_like_key(value) or (telling and len(value) >= 8):
                self.problems.append(literal_key(f"{at[-1]}.{name}", entry.span(*at, name)))

    def _add(self, code: str, message: str, span: Span, hint: str = "") -> None:
        self.problems.append(Problem(code, message, span, hint))


def _kind(tool: ToolSpec) -> str:
    return "mcp" if isinstance(tool, McpToolSpec) else "python" if isinstance(tool, PythonToolSpec) else "rag"


def _marked(plan: ToolPlan, spec: ToolSpec | CommandSpec | UrlSpec | None) -> ToolPlan:
    """Return the plan with what its results carry, and with what it may be given."""
    given, clearance = (spec.labels, spec.clearance) if spec is not None else (None, None)
    labels = labels_of(given, remote=plan.remote)
    return replace(plan, labels=labels, clearance=clearance_of(clearance, remote=plan.remote))


def _hidden(values: _Values) -> dict[str, str | Secret]:
    """Return the values with pasted credentials turned to secrets: they are warned about, and still not shown."""
    return {
        name: Secret(value) if isinstance(value, str) and (looks_like_key(value) or is_secret_name(name)) else value
        for name, value in values.items()
    }


def _command_name(plan: ToolPlan) -> str:
    """Return the word of a command line (or the host of a URL) that tells servers apart."""
    if plan.url:
        return plan.url.split("://", 1)[1].split("/", 1)[0]
    words = [word for word in plan.command if not word.startswith("-") and "=" not in word]
    telling = next((word for word in words if Path(word).name not in _RUNNERS), plan.command[0])
    return Path(telling).stem if telling.endswith((".py", ".js", ".sh")) else Path(telling).name or "mcp"
