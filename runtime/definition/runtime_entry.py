"""Reads `runtime:`: the bus, the record and the policy engine."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lictor.runtime.definition.environment import looks_like_key
from lictor.runtime.definition.models import literal_key
from lictor.runtime.definition.plan import PolicyPlan, Secret
from lictor.runtime.definition.problem import Problem, Severity, Span, guess
from lictor.runtime.definition.spec import RuntimeSpec
from lictor.runtime.definition.team import Entry, Team, glob_files

_SQLITE: Final = re.compile(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:)(.+)", re.DOTALL)
_NATS: Final = re.compile(r"(nats|tls|ws|wss)://\S+")
_HTTP: Final = re.compile(r"https?://[^\s/?#]+(/\S*)?")
_OF_SERVER: Final = ("url", "token", "ca", "push")


@dataclass(slots=True)
class RuntimeReader:
    """Reads the one `runtime:` of a team."""

    team: Team
    problems: list[Problem] = field(default_factory=list)
    drafts: dict[Path, Span] = field(default_factory=dict)
    """Rego that is judged without effect, and where the YAML names each file."""

    @property
    def spec(self) -> RuntimeSpec:
        """What the file says, or what holds when it says nothing."""
        return self.team.runtime.spec if self.team.runtime else RuntimeSpec()

    def nats(self) -> str:
        """Return `embedded` or the URL of the bus."""
        runtime = self.spec
        entry = self.team.runtime
        if entry and runtime.nats != "embedded" and not _NATS.fullmatch(runtime.nats):
            hint = guess(runtime.nats, ["embedded"]) or "write embedded, or a URL like nats://127.0.0.1:4222"
            self._add("L116", f"'{runtime.nats}' is not a bus", entry.span("nats"), hint)
        return runtime.nats

    def credentials(self) -> Path | None:
        """Return the file with the credentials of an external bus."""
        runtime = self.spec
        entry = self.team.runtime
        if entry is None or runtime.credentials is None:
            if entry is not None and _NATS.fullmatch(runtime.nats):
                hint = "name the file with the account's signing key: credentials: …"
                self._add("L102", "'credentials' is missing: an external bus needs them", entry.span(), hint)
            return None
        path = entry.source.folder / runtime.credentials
        if runtime.nats == "embedded":
            self._add("L115", "the embedded bus makes its own credentials", entry.span("credentials", key=True))
        elif not path.is_file():
            self._add("L203", f"there is no file '{runtime.credentials}'", entry.span("credentials"))
        return path.resolve()

    def store(self) -> str:
        """Return the URL of the record; empty when the file names none."""
        runtime = self.spec
        store = runtime.store.value if isinstance(runtime.store, Secret) else runtime.store
        entry = self.team.runtime
        if not store:
            return ""
        if entry and not store.startswith(("sqlite", "postgresql")):
            self._add("L116", "the record is kept in sqlite:///… or postgresql://…", entry.span("store"))
        relative = _SQLITE.fullmatch(store)
        folder = (entry.source.folder if entry else self.team.root.parent).resolve()
        return f"{relative[1]}{folder / relative[2]}" if relative else store

    def policy(self) -> PolicyPlan:
        """Return which engine decides."""
        entry, spec = self.team.runtime, self.spec.policy
        usual = PolicyPlan()
        if entry is None or spec is None:
            return usual
        if spec.engine == "embedded":
            for key in _OF_SERVER:
                if key in spec.model_fields_set:
                    where = entry.span("policy", key, key=True)
                    self._add("L115", f"'{key}' belongs to an OPA server, and the engine is embedded", where)
        elif spec.url is None:
            where = entry.span("policy", key=True)
            self._add(
                "L102", "'url' is missing: an OPA server has an address", where, "write url: http://127.0.0.1:8181"
            )
        elif not _HTTP.fullmatch(spec.url):
            self._add("L116", "an OPA server is reached by http:// or https://", entry.span("policy", "url"))
        elif spec.ca is not None and not spec.url.startswith("https"):
            where = entry.span("policy", "ca", key=True)
            self._add("L115", "a certificate has no use without https://", where)
        ca = entry.source.folder / spec.ca if spec.ca is not None else None
        if ca is not None and not ca.is_file():
            self._add("L203", f"there is no file '{spec.ca}'", entry.span("policy", "ca"))
        token = spec.token
        if isinstance(token, str) and token and (looks_like_key(token) or len(token) >= 12):
            self.problems.append(literal_key("token", entry.span("policy", "token")))
        return PolicyPlan(
            engine=spec.engine,
            url=(spec.url or "").rstrip("/"),
            token=Secret(token) if isinstance(token, str) else token,
            ca=ca.resolve() if ca is not None else None,
            timeout=spec.timeout if spec.timeout is not None else usual.timeout,
            push=spec.push,
            shadow=self._shadow(entry, spec.shadow),
        )

    def _shadow(self, entry: Entry[RuntimeSpec], patterns: list[str]) -> tuple[Path, ...]:
        for index, pattern in enumerate(patterns):
            span = entry.span("policy", "shadow", index)
            files = [path for path in glob_files(entry.source.folder, pattern) if not path.name.endswith("_test.rego")]
            if not files:
                globbed = any(sign in pattern for sign in "*?[")
                severity = Severity.WARNING if globbed else Severity.ERROR
                self.problems.append(Problem("L203", f"no policy matches '{pattern}'", span, severity=severity))
            for path in files:
                self.drafts.setdefault(path.resolve(), span)
        return tuple(self.drafts)

    def _add(self, code: str, message: str, span: Span, hint: str = "") -> None:
        self.problems.append(Problem(code, message, span, hint))
